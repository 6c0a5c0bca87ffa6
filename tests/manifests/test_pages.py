"""A carrier's pages: enter, upload, look up, cancel, print."""

import io
import json
from typing import Any

import pytest
import zxingcpp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image, ImageDraw
from pypdf import PdfReader

from tests.manifests.conftest import Filer, body
from tests.manifests.test_file_csv_and_large import large, table
from tests.manifests.test_file_x12 import MEDIA, cargo, consist, filing, message
from trustedtruck.carriers.models import Driver, Trailer, Truck
from trustedtruck.manifests.models import Certificate, Submission, Trip
from trustedtruck.manifests.samples import sample_certificate
from trustedtruck.manifests.tasks import work_off_waiting
from trustedtruck.manifests.x12 import customs_309, customs_358, envelope, replies, writer

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.manifests.desk")]


@pytest.fixture
def filled(norte: Filer, rosa: Driver) -> dict[str, Any]:
    assert norte.carrier is not None
    now = timezone.now()
    truck = Truck.objects.create(
        carrier=norte.carrier, number="T1", plate_number="ABC1", plate_jurisdiction="TX",
        vin="1M8GDM9AXKP042788", created_at=now,
    )  # fmt: skip
    trailer = Trailer.objects.create(
        carrier=norte.carrier, number="R1", plate_number="RRR1", plate_jurisdiction="TX",
        created_at=now,
    )  # fmt: skip
    return {
        "trip_number": "NRTE 2026-01",
        "port": "2304",
        "estimated_arrival_at": f"{now:%Y-%m-%dT%H:%M}",
        "truck": truck.pk,
        "trailer": trailer.pk,
        "driver": rosa.pk,
        "seals": "HS100, HS101",
        "loaded": "on",
        "gross_weight_kg": "24000",
        "control_number": "NRTE99990001",
        "shipper": "Norte SA",
        "consignee": "Lone Star Inc",
        "description": "PANELS",
        "quantity": "40",
        "weight_kg": "1250.5",
        "hs_code": "853710",
        "origin_country": "MX",
    }


def test_a_manifest_is_entered_by_hand(client: Client, filled: dict[str, Any]) -> None:
    assert client.get("/desk/new/").status_code == 200

    response = client.post("/desk/new/", filled)

    assert response.status_code == 302, response.content.decode()
    trip = Trip.objects.get()
    assert (trip.trip_number, trip.state) == ("NRTE202601", "filed")
    assert {s.number for s in trip.seals.all()} == {"HS100", "HS101"}
    page = client.get(response["Location"]).content.decode()
    assert "NRTE99990001" in page
    assert "HS100" in page


def test_a_trip_is_shown_in_words(client: Client, filled: dict[str, Any]) -> None:
    client.cookies["django_language"] = "es"
    shown = client.get(client.post("/desk/new/", filled)["Location"]).content.decode()
    for words in ("(conductor)", "Embarcador: ", "completo (JSON", "Laredo, World Trade Bridge"):
        assert words in shown, words


def test_what_is_wrong_stands_beside_its_field(client: Client, filled: dict[str, Any]) -> None:
    response = client.post("/desk/new/", filled | {"hs_code": "85", "port": "99", "seals": "--"})

    assert response.status_code == 400
    form = response.context["form"]
    assert set(form.errors) == {"hs_code", "port", "seals"}
    assert not Trip.objects.exists()


def test_files_of_each_kind_are_uploaded(client: Client, norte: Filer) -> None:
    f = filing()
    for sent in (
        message(customs_309.write(cargo(f), version="004060")).encode(),
        message(customs_358.write(consist(f), version="004060")).encode(),
    ):
        response = client.post("/desk/upload/", {"file": SimpleUploadedFile("m.edi", sent)})
        page = client.get(response["Location"]).content.decode()
        assert "AK9*A" in page
        assert "ACCEPTED" in page
    rows = SimpleUploadedFile("s.csv", table("NRTE7777").encode())
    client.post("/desk/upload/", {"file": rows, "trip_number": "NRTE0001"})

    page = client.get("/desk/NRTE0001/").content.decode()

    assert Trip.objects.get().version == 3
    assert page.count("/desk/message/") == 3
    assert "NRTE0001" in client.get("/desk/").content.decode()


def test_a_rejected_file_shows_every_error(client: Client, norte: Filer) -> None:
    response = client.post("/desk/upload/", {"file": SimpleUploadedFile("m.csv", b"a,b\n1,2\n")})

    page = client.get(response["Location"]).content.decode()

    assert "unknown_field" in page


def test_a_file_that_is_no_json_says_so(client: Client, norte: Filer) -> None:
    response = client.post("/desk/upload/", {"file": SimpleUploadedFile("m.json", b"{")})

    assert "Not JSON" in client.get(response["Location"]).content.decode()


def test_what_the_port_filed_for_several_carriers_is_shown_to_none(
    client: Client, norte: Filer, sur: Filer, gate: Filer
) -> None:
    one, other = (cargo(filing(number)) for number in ("NRTE0001", "SURX0001"))
    sets = [customs_309.write(f, version="004060") for f in (one, other)]
    alone = message(sets[0])
    gate.post(writer.write(writer.Head("GATE", "US", timezone.now(), 9001, "AQ"), sets), MEDIA)
    both = Submission.objects.get()
    assert (both.trip_number, both.state) == ("NRTE0001", "accepted")

    page = client.get("/desk/NRTE0001/").content.decode()
    assert str(both.public_id) not in page
    assert client.get(f"/desk/message/{both.public_id}/").status_code == 404

    gate.post(alone.replace("*C~P4", "*A~P4"), MEDIA)
    own = Submission.objects.latest("pk")
    assert str(own.public_id) in client.get("/desk/NRTE0001/").content.decode()
    assert client.get(f"/desk/message/{own.public_id}/").status_code == 200


def test_a_rejected_message_is_among_the_replies(client: Client, norte: Filer) -> None:
    norte.post(body())
    norte.post(body(plate="XYZ9"))

    page = client.get("/desk/NRTE0001/").content.decode()

    assert page.count("/desk/message/") == 2
    rejected = Submission.objects.get(state="rejected")
    shown = client.get(f"/desk/message/{rejected.public_id}/").content.decode()
    assert "on file already" in shown


def test_a_large_file_waits(client: Client, norte: Filer) -> None:
    sent = SimpleUploadedFile("m.json", json.dumps(large(700)).encode())
    response = client.post("/desk/upload/", {"file": sent})
    assert "is being read" in client.get(response["Location"]).content.decode()
    work_off_waiting()
    assert "NRTE0001" in client.get(response["Location"]).content.decode()


def test_a_trip_is_cancelled_on_its_page(client: Client, norte: Filer) -> None:
    norte.post(body())
    response = client.post("/desk/NRTE0001/cancel/")
    assert response.status_code == 302
    assert Trip.objects.get().state == "cancelled"
    assert client.post("/desk/NRTE0001/cancel/").status_code == 302  # it is, and stays so
    assert Trip.objects.get().version == 2


def test_the_pages_of_another_carrier_are_not_found(
    client: Client, norte: Filer, sur: Filer
) -> None:
    sur.post(body("SURX0001"))
    theirs = Submission.objects.get()

    assert client.get("/desk/SURX0001/").status_code == 404
    assert client.get("/desk/SURX0001/cover.pdf").status_code == 404
    assert client.post("/desk/SURX0001/cancel/").status_code == 404
    assert client.get(f"/desk/message/{theirs.public_id}/").status_code == 404


def test_the_cover_sheet_is_a_page_with_the_number(client: Client, norte: Filer) -> None:
    norte.post(body())

    response = client.get("/desk/NRTE0001/cover.pdf")

    assert response["Content-Type"] == "application/pdf"
    (page,) = PdfReader(io.BytesIO(response.content)).pages
    text = page.extract_text()
    assert "NRTE0001" in text
    assert "S0001" in text
    assert "GARZA" not in text


def test_the_barcode_is_the_trip_number(client: Client, norte: Filer) -> None:
    norte.post(body())
    response = client.get("/desk/NRTE0001/cover.pdf")

    (found,) = zxingcpp.read_barcodes(bars(response.content))

    assert (found.text, found.format.name) == ("NRTE0001", "Code128")


def bars(pdf: bytes) -> Image.Image:
    """The filled rectangles of the page, drawn; a PDF renderer is more than the product needs."""
    image = Image.new("L", (2448, 3168), 255)
    draw = ImageDraw.Draw(image)
    (page,) = PdfReader(io.BytesIO(pdf)).pages
    contents = page.get_contents()
    assert contents is not None
    matrices = [(1.0, 0.0, 0.0, 1.0, 0.0, 0.0)]
    for values, operator in contents.operations:
        if operator == b"q":
            matrices.append(matrices[-1])
        elif operator == b"Q":
            matrices.pop()
        elif operator == b"cm":
            a, _b, _c, d, e, f = map(float, values)
            A, B, C, D, E, F = matrices[-1]  # noqa: N806 - as in the specification
            matrices[-1] = (A * a, B, C, D * d, E + A * e, F + D * f)
        elif operator == b"re":
            x, y, width, height = map(float, values)
            A, _B, _C, D, E, F = matrices[-1]  # noqa: N806
            left, bottom = E + A * x, F + D * y
            box = (left, 792 - bottom - D * height, left + A * width, 792 - bottom)
            draw.rectangle([round(v * 4) for v in box[:2]] + [round(v * 4) - 1 for v in box[2:]], 0)
    return image


def test_a_certificate_has_a_page(client: Client, norte: Filer, sur: Filer) -> None:
    for filer, number in ((norte, "MX-1"), (sur, "MX-2")):
        sent = sample_certificate(number=number, seal="S-X", issued_at=timezone.now())
        filer.post(sent, "application/xml", url="/api/v1/plant-health-certificates/")

    own, other = (Certificate.objects.get(number=n) for n in ("MX-1", "MX-2"))

    page = client.get(f"/desk/certificate/{own.public_id}/").content.decode()
    assert "Persea americana" in page
    assert client.get(f"/desk/certificate/{other.public_id}/").status_code == 404


def test_the_status_of_a_trip_is_a_350(norte: Filer) -> None:
    norte.post(body())
    client = Client(
        headers={"authorization": f"Bearer {norte.key}", "accept": "application/edi-x12"}
    )

    response = client.get("/api/v1/manifests/NRTE0001/")

    interchange = envelope.parse(response.content.decode())
    assert interchange.groups[0].code == "AU"
    number, statuses = replies.read_350(interchange.groups[0].sets[0])
    assert number == "NRTE0001"
    assert [s.code for s in statuses] == ["FI", "ON"]
