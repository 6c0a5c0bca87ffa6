"""`POST /api/v1/manifests/` with X12: 997 and 355 come back, and the trip is on file."""

import datetime as dt
import itertools
from typing import Any

import pytest
from django.utils import timezone

from tests.manifests.conftest import Filer, body
from trustedtruck.audit.models import Event
from trustedtruck.manifests import document as doc
from trustedtruck.manifests.json_reader import read_filing
from trustedtruck.manifests.models import ControlNumber, Shipment, Trip
from trustedtruck.manifests.x12 import customs_309, customs_358, envelope, replies
from trustedtruck.manifests.x12.writer import VERSIONS, Head, Set, write

pytestmark = pytest.mark.django_db
MEDIA = "application/edi-x12"
CONTROL = itertools.count(1)


def filing(trip_number: str = "NRTE0001", **changes: Any) -> doc.Filing:
    made, errors = read_filing(body(trip_number, **changes))
    assert not errors
    return made._replace(port="2304")


def message(
    one: Set, version: str = "004060", control: int | None = None, group: str = "AQ"
) -> str:
    number = next(CONTROL) if control is None else control
    return write(Head("NRTE", "TRUSTEDTRUCK", timezone.now(), number, group, version), [one])


def consist(f: doc.Filing, *links: str) -> doc.Filing:
    return f._replace(shipments=(), links=links)


def cargo(f: doc.Filing) -> doc.Filing:
    return f._replace(trip=None, port="2304")


def answers(response: Any) -> dict[str, list[list[str]]]:
    """The transaction sets that came back: code -> segments. Each is an interchange in itself."""
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == MEDIA
    found = {}
    for line in response.content.decode().splitlines():
        interchange = envelope.parse(line)
        assert not interchange.faults
        for group in interchange.groups:
            assert not group.faults
            for one in group.sets:
                assert not one.faults
                found[one.code] = one.segments
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_309_then_358_make_a_filed_trip(norte: Filer, version: str) -> None:
    f = filing()
    first = answers(
        norte.post(message(customs_309.write(cargo(f), version=version), version), MEDIA)
    )
    assert first["997"][-1][:2] == ["AK9", "A"]
    assert first["355"][1][1] == "ACCEPTED"
    assert Trip.objects.get().state == "preliminary"

    one = customs_358.write(consist(f), version=version)
    second = answers(norte.post(message(one, version), MEDIA))

    assert second["355"][1][:2] == ["K1", "ACCEPTED"]
    trip = Trip.objects.get()
    assert (trip.state, trip.plate_number) == ("filed", "ABC1234")
    assert trip.filed_at is not None
    assert [s.number for s in trip.seals.all()] == ["S0001"]
    assert trip.shipments.get().commodities.get().hs_code == "853710"


def test_shipments_filed_ahead_are_linked_and_delinked(norte: Filer) -> None:
    f = filing(shipment_number="NRTE555555")
    ahead = cargo(f)._replace(trip_number="")
    answers(norte.post(message(customs_309.write(ahead, version="004060")), MEDIA))
    assert Shipment.objects.get().trip is None

    linked = customs_358.write(consist(f, "NRTE555555"), version="004060")
    answers(norte.post(message(linked), MEDIA))
    assert Trip.objects.get().state == "filed"
    assert ControlNumber.objects.get().trip_number == "NRTE0001"

    off = consist(f)._replace(purpose="amendment", delinks=("NRTE555555",))
    answers(norte.post(message(customs_358.write(off, version="004060")), MEDIA))
    assert Shipment.objects.get().trip is None
    assert Trip.objects.get().state == "preliminary"


def test_shipments_are_amended_and_deleted(norte: Filer) -> None:
    norte.post(body(shipment_number="NRTE555555"))
    f = filing(shipment_number="NRTE555555", description="OTHER PANELS")
    change = cargo(f)._replace(purpose="amendment")
    answers(norte.post(message(customs_309.write(change, version="005020"), "005020"), MEDIA))
    assert Trip.objects.get().shipments.get().commodities.get().description == "OTHER PANELS"

    gone = change._replace(shipments=(), deletes=("NRTE555555",))
    answers(norte.post(message(customs_309.write(gone, version="004060")), MEDIA))
    assert not Shipment.objects.exists()
    assert ControlNumber.objects.get().deleted_at is not None


def test_a_358_cancels_the_trip(norte: Filer) -> None:
    norte.post(body())
    gone = consist(filing())._replace(purpose="delete", trip=None)

    answer = answers(norte.post(message(customs_358.write(gone, version="004060")), MEDIA))

    assert answer["355"][1][1] == "ACCEPTED"
    assert Trip.objects.get().state == "cancelled"


def test_every_error_has_its_place_in_the_355(norte: Filer) -> None:
    f = cargo(filing())
    wrong = f.shipments[0].commodities[0]._replace(hs_code="85", origin_country="MEX")
    f = f._replace(shipments=(f.shipments[0]._replace(commodities=(wrong,)),))

    answer = answers(norte.post(message(customs_309.write(f, version="004060")), MEDIA))

    assert answer["997"][-1][1] == "A"
    assert answer["355"][1][1] == "REJECTED"
    remarks = [s for s in answer["355"] if s[0] == "K1"]
    assert ["K1", "hs_length", "N1005 segment 18"] in remarks
    assert ["K1", "country", "N1011 segment 18"] in remarks
    assert not Trip.objects.exists()


def test_a_broken_envelope_is_rejected_in_the_997_and_files_nothing(norte: Filer) -> None:
    text = message(customs_309.write(cargo(filing()), version="004060")).replace("SE*", "SE*9")

    answer = answers(norte.post(text, MEDIA))

    assert ["AK5", "R", "4"] in answer["997"]
    assert "355" not in answer
    assert not Trip.objects.exists()


def test_a_truncated_interchange_is_rejected_by_ta1(norte: Filer) -> None:
    text = message(customs_309.write(cargo(filing()), version="004060"))

    response = norte.post(text[:-20], MEDIA)

    assert response.status_code == 200
    assert b"TA1*" in response.content
    assert b"*R*023~" in response.content
    assert not Trip.objects.exists()


def test_the_same_interchange_again_is_the_same_answer(norte: Filer) -> None:
    text = message(customs_309.write(cargo(filing()), version="004060"), control=4711)

    first, second = norte.post(text, MEDIA), norte.post(text, MEDIA)

    assert first.content == second.content
    assert Trip.objects.get().version == 1


def test_another_interchange_with_the_same_control_number_is_refused(norte: Filer) -> None:
    one = customs_309.write(cargo(filing()), version="004060")
    norte.post(message(one, control=4712), MEDIA)
    other = customs_309.write(cargo(filing("NRTE0002")), version="004060")

    response = norte.post(message(other, control=4712), MEDIA)

    assert response.status_code == 409
    assert response.json()["code"] == "control_number_reused"


def test_an_event_is_kept_and_decides_nothing(norte: Filer) -> None:
    norte.post(body())
    events = [replies.Event("A", "NRTE0001", timezone.now(), "2304", "NRTE")]
    one = replies.write_353(cargo(filing()), events, version="004060")

    answer = answers(norte.post(message(one), MEDIA))

    assert answer["355"][1][1] == "ACCEPTED"
    event = Event.objects.get(action="trip.event_reported", subject_id="NRTE0001")
    assert event.port_code == "2304"
    assert Trip.objects.get().state == "filed"


def test_sur_cannot_file_for_norte(norte: Filer, sur: Filer) -> None:
    one = customs_309.write(cargo(filing()), version="004060")

    answer = answers(sur.post(message(one), MEDIA))

    assert answer["355"][1][1] == "REJECTED"
    assert not Trip.objects.exists()


@pytest.mark.parametrize("sent", [b"ISA", b"\xff" * 300, b"ISA*" + b"*" * 120, b"{}"])
def test_what_is_no_interchange_is_refused_in_words(norte: Filer, sent: bytes) -> None:
    response = norte.post(sent, MEDIA)

    assert response.status_code == 400
    assert response.json()["errors"][0]["code"].startswith("x12_")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("*PAPS*", "*A RELEASE OF MORE THAN SIXTEEN*", "not_one_of"),
        ("*240*ELECTRICAL", "*1.5*ELECTRICAL", "out_of_range"),
        ("*8150*", "*0.0001*", "out_of_range"),
    ],
)
def test_a_309_with_what_no_column_holds_is_rejected_in_words(
    norte: Filer, old: str, new: str, code: str
) -> None:
    text = message(customs_309.write(cargo(filing()), version="004060"))
    assert old in text

    answer = answers(norte.post(text.replace(old, new), MEDIA))

    assert any(s[:2] == ["K1", code] for s in answer["355"])
    assert not Trip.objects.exists()


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("*S0001*H", "*S0001*HIGH", "REF03"),
        ("*S0001*H", "*S0001*Q", "REF03"),
        ("*19840517*F", "*19840517*Q", "DMG03"),
    ],
)
def test_a_358_with_a_code_that_is_none_is_rejected_in_words(
    norte: Filer, old: str, new: str, place: str
) -> None:
    text = message(customs_358.write(consist(filing()), version="004060"))
    assert old in text

    answer = answers(norte.post(text.replace(old, new), MEDIA))

    assert any(s[1] == "not_one_of" and s[2].startswith(place) for s in answer["355"] if s[2:])
    assert not Trip.objects.exists()


@pytest.mark.parametrize("sign", ["\x00", "\x1c", "\n"])
@pytest.mark.parametrize("old", ["NRTE       ", "*0001~M10", "GS*AQ", "M10*", "SE*"])
def test_signs_that_are_no_text_are_refused_wherever_they_stand(
    norte: Filer, old: str, sign: str
) -> None:
    text = message(customs_309.write(cargo(filing()), version="004060"))
    assert old in text

    response = norte.post(text.replace(old, sign + old[1:], 1), MEDIA)

    assert response.status_code in (200, 400), response.content
    assert b"ACCEPTED" not in response.content
    assert not Trip.objects.exists()


def test_a_sender_who_uses_up_all_delimiters_is_refused(norte: Filer) -> None:
    text = message(customs_309.write(cargo(filing()), version="004060"))
    for number, sign in enumerate("*~^>", 1):
        text = text.replace(sign, chr(number))
    all_of_them = "*^>~|!;?\x1c\x1d\x1e\x1f".ljust(15)

    response = norte.post(text.replace("NRTE".ljust(15), all_of_them, 1), MEDIA)

    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "x12_isa_characters"


def test_a_long_way_ahead_is_refused(norte: Filer) -> None:
    f = filing()
    assert f.trip is not None
    late = f.trip._replace(estimated_arrival_at=timezone.now() + dt.timedelta(days=400))

    one = customs_358.write(consist(f._replace(trip=late)), version="004060")
    answer = answers(norte.post(message(one), MEDIA))

    assert any(s[:2] == ["K1", "too_far_ahead"] for s in answer["355"])
