"""Evidence: what is taken, what is refused, and what is kept of it."""

import io
import random
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pytest_django import Settings

from tests.people import log_in, make_member, make_officer
from tests.portal import files
from tests.portal.conftest import Newcomer, People
from trustedtruck.carriers.models import Answer, Application, Evidence
from trustedtruck.carriers.services.evidence import clean, path_of
from trustedtruck.core.errors import Invalid

pytestmark = pytest.mark.django_db
PAGE = "/portal/application/1/"


def upload(newcomer: Newcomer, name: str, content: bytes) -> str:
    data = {
        "status_US-1.1": "met",
        "text_US-1.1": "Signed in January.",
        "file_US-1.1": SimpleUploadedFile(name, content),
        **{f"version_US-1.{n}": "0" for n in range(1, 5)},
    }
    return newcomer.client.post(PAGE, data, follow=True).content.decode()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (files.pdf_with_script, "holds a script"),
        (files.pdf_with_launch, "holds a script"),
        (files.pdf_with_attachment, "holds a script"),
        (files.locked_pdf, "protected by a password"),
        (lambda: b"%PDF-1.7\nnothing", "damaged"),
        (lambda: files.picture()[:60], "damaged"),
        (files.image_bomb, "40 million pixels"),
        (lambda: b"", "The file is empty"),
        (lambda: b"MZ\x90\x00" + b"\0" * 200, "whatever its name"),
        (lambda: b"<html><script>alert(1)</script></html>", "whatever its name"),
        (lambda: files.picture("GIF"), "whatever its name"),
        (lambda: files.plain_pdf() + b"\0" * (10 * 1024 * 1024), "larger than 10 MB"),
    ],
)
def test_a_file_is_refused_with_its_reason(
    newcomer: Newcomer, make: Callable[[], bytes], sentence: str
) -> None:
    shown = upload(newcomer, "evidence.pdf", make())
    assert sentence in shown
    assert 'id="field-file_US-1.1"' in shown
    assert not Evidence.objects.exists()
    # The answer typed beside it is not lost with the file.
    assert Answer.objects.get().text == "Signed in January."
    assert "Signed in January." in shown


def test_a_picture_is_stored_without_what_hides_in_it(newcomer: Newcomer) -> None:
    exif = Image.Exif()
    exif[0x010E] = "Taken at 27.5N 99.5W"
    dirty = files.picture("JPEG", exif=exif) + b"<?php evil ?>"
    upload(newcomer, "../../etc/pass<wd>.jpg", dirty)
    evidence = Evidence.objects.get()
    stored = path_of(evidence).read_bytes()
    assert b"evil" not in stored
    assert not Image.open(io.BytesIO(stored)).getexif()
    assert evidence.name == "pass_wd_.jpg"
    assert evidence.media_type == "image/jpeg"


def test_the_file_lies_where_no_address_leads_and_comes_as_a_download(newcomer: Newcomer) -> None:
    upload(newcomer, "plan.pdf", files.plain_pdf())
    evidence = Evidence.objects.get()
    path = path_of(evidence)
    assert path.is_relative_to(configured.MEDIA_ROOT)
    assert path.stat().st_mode & 0o077 == 0
    answer = newcomer.client.get(f"/portal/evidence/{evidence.public_id}/")
    assert answer["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert b"".join(answer.streaming_content) == files.plain_pdf()  # type: ignore[attr-defined]


def test_the_same_file_twice_is_kept_once(newcomer: Newcomer) -> None:
    upload(newcomer, "a.pdf", files.plain_pdf())
    upload(newcomer, "b.pdf", files.plain_pdf())
    assert Evidence.objects.count() == 1


def test_another_carrier_cannot_have_it(newcomer: Newcomer, people: People) -> None:
    upload(newcomer, "plan.pdf", files.plain_pdf())
    evidence = Evidence.objects.get()
    client = people.browser("marta")
    assert client.get(f"/portal/evidence/{evidence.public_id}/").status_code == 404
    assert client.post(f"/portal/evidence/{evidence.public_id}/remove/").status_code == 404
    assert Evidence.objects.exists()


def test_an_officer_has_it_once_the_application_is_submitted(newcomer: Newcomer) -> None:
    upload(newcomer, "plan.pdf", files.plain_pdf())
    page = f"/console/enrolment/evidence/{Evidence.objects.get().public_id}/"
    officer = log_in(make_officer("Olga"))
    assert officer.get(page).status_code == 404
    Application.objects.update(state="submitted")
    assert officer.get(page).status_code == 200


def test_a_viewer_cannot_remove_it(newcomer: Newcomer) -> None:
    upload(newcomer, "plan.pdf", files.plain_pdf())
    evidence = Evidence.objects.get()
    viewer = log_in(make_member("Vera", newcomer.carrier, "viewer").user)
    assert viewer.post(f"/portal/evidence/{evidence.public_id}/remove/").status_code == 403


def test_the_last_row_takes_the_file_with_it(
    newcomer: Newcomer, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    upload(newcomer, "plan.pdf", files.plain_pdf())
    evidence = Evidence.objects.get()
    path = path_of(evidence)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        newcomer.client.post(f"/portal/evidence/{evidence.public_id}/remove/")
    assert not Evidence.objects.exists()
    assert not path.exists()


def test_more_than_all_files_together_may_have_is_not_even_read(
    newcomer: Newcomer, settings: Settings
) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    data = {"file_US-1.1": SimpleUploadedFile("a.pdf", files.plain_pdf() + b"\0" * 1000)}
    newcomer.client.raise_request_exception = False
    assert newcomer.client.post(PAGE, data).status_code == 413


def mutated(content: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, taken out, put in, or cut off."""
    found = bytearray(content)
    for _change in range(chance.randint(1, 12)):
        at = chance.randrange(len(found))
        kind = chance.randrange(4)
        if kind == 0:
            found[at] = chance.randrange(256)
        elif kind == 1:
            del found[at : at + chance.randint(1, 30)]
        elif kind == 2:
            found[at:at] = chance.randbytes(8)
        else:
            found = found[: at + 1]
        found = found or bytearray(b"x")
    return bytes(found)


def test_no_broken_file_is_more_than_refused() -> None:
    """Thousands of broken files: each is taken or refused with a sentence, none is an error."""
    chance = random.Random(20261124)
    honest = [
        files.plain_pdf(),
        files.pdf_with_attachment(),
        files.locked_pdf(),
        files.picture(),
        files.picture("JPEG"),
    ]
    for _attempt in range(4_000):
        with suppress(Invalid):
            clean(mutated(chance.choice(honest), chance))
