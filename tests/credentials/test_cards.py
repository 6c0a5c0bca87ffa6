"""The credential as a person uses it: card, QR code, fleet download; read back by a stranger."""

import io
import threading
import time
import zipfile
from typing import Any

import pytest
import zxingcpp
from django.db import connection
from django.test import Client
from django.utils import timezone
from PIL import Image, ImageFilter
from pypdf import PdfReader

from tests.cast import TESTER, Cast, make_cast
from trustedtruck.accounts.models import Agency
from trustedtruck.accounts.roles import Scope
from trustedtruck.accounts.services import issue_key
from trustedtruck.carriers.models import Notice
from trustedtruck.credentials import services, tasks
from trustedtruck.credentials.formats import images
from trustedtruck.credentials.models import BulkJob, Credential
from trustedtruck.credentials.queries import cards
from trustedtruck.credentials.services import bulk
from trustedtruck.credentials.states import CredentialState, Reason


def read(picture: Image.Image) -> str:
    """An independent reader: the codes are made by segno, read by ZXing."""
    found = zxingcpp.read_barcodes(picture, zxingcpp.barcode_formats_from_str("QRCode"))
    return found[0].text if found else ""


def photographed(data: bytes, *, width: int, degrees: float, tilt: float = 0.0) -> Image.Image:
    """As a phone would take it: small, turned, held at an angle, a little blurred, on grey."""
    picture = Image.open(io.BytesIO(data)).convert("L")
    picture = picture.resize((width, width), Image.Resampling.LANCZOS)
    big = Image.new("L", (width * 2, width * 2), 200)
    big.paste(picture, (width // 2, width // 2))
    big = big.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=200)
    if tilt:
        size = width * 2
        by = tilt / size
        big = big.transform(
            big.size,
            Image.Transform.PERSPECTIVE,
            (1, 0, 0, 0, 1, 0, by, by / 2),
            Image.Resampling.BICUBIC,
            fillcolor=200,
        )
    return big.filter(ImageFilter.GaussianBlur(0.4))


@pytest.mark.parametrize("name", ["truck", "rosa"])
@pytest.mark.parametrize("degrees", [0, 7, 45, 133, 270])
def test_a_qr_of_200_pixels_is_read_at_any_angle(cast: Cast, name: str, degrees: float) -> None:
    row = cast.credentials[name]
    assert read(photographed(images.png(row.qr), width=200, degrees=degrees)) == row.qr


def test_a_qr_held_at_a_slant_is_read(cast: Cast) -> None:
    row = cast.credentials["truck"]
    taken = photographed(images.png(row.qr), width=300, degrees=20, tilt=0.15)
    assert read(taken) == row.qr


def test_the_card_prints_what_matters(cast: Cast) -> None:
    row = Credential.objects.select_related("truck", "driver", "trailer", "carrier").get(
        pk=cast.credentials["truck"].pk
    )
    (page,) = PdfReader(io.BytesIO(cards.card_pdf(row))).pages
    text = page.extract_text()
    assert cast.truck.vin in text
    assert cast.truck.plate_number in text
    assert str(row.public_id) in text
    assert round(float(page.mediabox.width)) == 243  # 85.6 mm: ISO/IEC 7810 ID-1


def agency_key() -> dict[str, str]:
    agency = Agency.objects.create(code="CBP", name="CBP", country="US")
    scopes = [Scope.CREDENTIALS_ISSUE, Scope.CREDENTIALS_READ]
    key = issue_key(scopes=scopes, by=TESTER, at=timezone.now(), agency=agency)
    return {"Authorization": f"Bearer {key}"}


def carrier_key(cast: Cast, carrier_id: int) -> dict[str, str]:
    key = issue_key(
        scopes=[Scope.CREDENTIALS_READ], by=TESTER, at=timezone.now(), carrier_id=carrier_id
    )
    return {"Authorization": f"Bearer {key}"}


def test_a_carrier_sees_its_own_and_no_others(cast: Cast) -> None:
    row, client = cast.credentials["truck"], Client()
    path = f"/api/v1/credentials/{row.public_id}/"
    mine, theirs = carrier_key(cast, cast.norte.pk), carrier_key(cast, cast.sur.pk)
    for form, kind in (
        ("card.pdf", "application/pdf"),
        ("qr.png", "image/png"),
        ("qr.svg", "image/svg+xml"),
    ):
        assert client.get(path + form, headers=mine)["Content-Type"] == kind
        assert client.get(path + form, headers=theirs).status_code == 404
        assert client.get(path + form).status_code == 401
    assert client.get(path + "x.gif", headers=mine).status_code == 404
    svg = client.get(path + "qr.svg", headers=mine).content
    assert svg.lstrip().startswith((b"<?xml", b"<svg"))
    assert images.read(client.get(path + "qr.png", headers=mine).content) == row.qr


def test_a_fleet_comes_as_a_zip(cast: Cast) -> None:
    path = f"/api/v1/carriers/{cast.norte.public_id}/cards.zip"
    services.suspend(
        credential=cast.credentials["luis"], by=TESTER, at=timezone.now(), reason=Reason.STOLEN
    )
    answer = Client().get(path, headers=carrier_key(cast, cast.norte.pk))
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    pictures = [name for name in archive.namelist() if name.endswith(".png")]
    assert len(pictures) == 3
    assert len(PdfReader(io.BytesIO(archive.read("cards.pdf"))).pages) == 3
    read_back = {images.read(archive.read(name)) for name in pictures}
    assert cast.credentials["truck"].qr in read_back


def test_pictures_that_are_none_are_refused() -> None:
    empty = io.BytesIO()
    Image.new("L", (50, 50), 255).save(empty, "PNG")
    for data, code in (
        (b"", "picture_unreadable"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "picture_unreadable"),
        (b"x" * (images.MAX_UPLOAD + 1), "picture_too_large"),
        (empty.getvalue(), "picture_without_code"),
    ):
        with pytest.raises(images.NoPicture, match=code):
            images.read(data)


# --- Fleet jobs


def test_a_job_issues_to_all_that_have_none_and_says_how_far_it_is(cast: Cast) -> None:
    client, headers = Client(), agency_key()
    services.revoke(
        credential=cast.credentials["truck"], by=TESTER, at=timezone.now(), reason=Reason.LOST
    )
    body = {"carrier": str(cast.norte.public_id), "action": "issue"}

    def post(value: Any) -> Any:
        return client.post("/api/v1/credential-jobs/", value, "application/json", headers=headers)

    started = post(body)
    assert (started.status_code, started.json()["total"]) == (202, 4)
    assert post(body).json()["code"] == "bulk_job_running"
    tasks.work_off_bulk_job(BulkJob.objects.get().pk)
    done = client.get(started["Location"], headers=headers).json()
    assert (done["state"], done["done"], done["made"]) == ("done", 4, 1)
    live = Credential.objects.filter(carrier=cast.norte, state=CredentialState.ACTIVE)
    assert live.count() == 4
    assert post({"carrier": "x", "action": "y"}).json()["code"] == "invalid"


def test_a_job_that_lost_its_worker_goes_on_where_it_stopped(cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(bulk, "PORTION", 1)
    at = timezone.now()
    job = bulk.start_bulk(carrier=cast.norte, action="renew", by=TESTER, at=at)
    assert bulk.work_off(job.pk, at=at)
    job.refresh_from_db()
    assert (job.state, job.done, job.made) == ("running", 1, 1)
    assert bulk.abandoned(at=at) == []
    assert bulk.abandoned(at=at + 2 * bulk.ABANDONED) == [job.pk]
    tasks.work_off_bulk_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.made) == ("done", 4, 4)
    superseded = Credential.objects.filter(state=CredentialState.SUPERSEDED)
    assert superseded.count() == 4
    # Told once, however many portions there were.
    assert Notice.objects.get(code="credential_renewed").data["count"] == 4


def test_a_refusal_ends_the_job_with_its_code(cast: Cast) -> None:
    at = timezone.now()
    services.sanction_carrier(carrier=cast.norte, by=TESTER, at=at, reason=Reason.FRAUD)
    Credential.objects.filter(pk=cast.credentials["truck"].pk).update(
        state="revoked", sanction=None
    )
    job = bulk.start_bulk(carrier=cast.norte, action="issue", by=TESTER, at=at)
    assert not bulk.work_off(job.pk, at=at)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "carrier_not_certified")


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_job_issue_nothing_twice(monkeypatch: Any) -> None:
    cast = make_cast()
    monkeypatch.setattr(bulk, "PORTION", 1)
    job = bulk.start_bulk(carrier=cast.norte, action="renew", by=TESTER, at=timezone.now())

    def work() -> None:
        try:
            # One that finds the job taken comes back at once: only the time bounds its tries.
            ends = time.monotonic() + 20
            while time.monotonic() < ends and BulkJob.objects.get().finished_at is None:
                bulk.work_off(job.pk, at=timezone.now())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    job.refresh_from_db()
    assert (job.state, job.made) == ("done", 4)
    active = Credential.objects.filter(carrier=cast.norte, state=CredentialState.ACTIVE)
    assert active.count() == 4
