"""Files that a carrier uploads: taken in only as what they are, cleaned, hashed, and kept apart.

They lie under MEDIA_ROOT, which no address serves; the portal hands them out to members of the
carrier and to officers, always as a download.
"""

import hashlib
import io
import re
import warnings
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import puremagic
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image

from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.criteria import criteria_of
from trustedtruck.carriers.damaged import DAMAGED
from trustedtruck.carriers.models import Application, Evidence
from trustedtruck.carriers.services.answers import check_user_can_answer
from trustedtruck.carriers.services.application import lock, record
from trustedtruck.carriers.services.stored import remove_unless, store, stored_at
from trustedtruck.core.errors import FieldError, Invalid, Text

FOLDER = "evidence"
MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_FILES_PER_CRITERION = 10
_IMAGES = {"image/png": "PNG", "image/jpeg": "JPEG"}


@dataclass(frozen=True)
class Cleaned:
    content: bytes
    media_type: str


def _refuse(code: str, text: Text) -> Invalid:
    return Invalid((FieldError("file", code, text),), _("Some fields are wrong."))


def clean(content: bytes) -> Cleaned:
    """What may be stored of an upload: a PDF without anything active, or a re-encoded image.

    Raises `Invalid` for a file that is too large, empty, of another kind than PDF, PNG or JPEG,
    damaged, active, or an image bomb.
    """
    if not content:
        raise _refuse("file_empty", _("The file is empty."))
    if len(content) > MAX_BYTES:
        raise _refuse("file_too_large", _("The file is larger than 10 MB."))
    try:
        kind = puremagic.from_string(content, mime=True)
    except (puremagic.PureError, ValueError):
        kind = ""
    if kind == "application/pdf":
        _check_pdf(content)
        return Cleaned(content, kind)
    if kind in _IMAGES:
        return Cleaned(_re_encoded(content, _IMAGES[kind]), kind)
    raise _refuse(
        "file_kind",
        _("Only PDF, PNG and JPEG files are taken, and this is none, whatever its name."),
    )


def _re_encoded(content: bytes, kind: str) -> bytes:
    """The picture alone: no metadata, no place where it was taken, nothing behind its end."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=[kind])
            if picture.width * picture.height > MAX_PIXELS:
                raise Image.DecompressionBombError
            picture.load()
            plain = picture.convert("RGB" if kind == "JPEG" else "RGBA")
            out = io.BytesIO()
            plain.save(out, format=kind)
            return out.getvalue()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _refuse(
            "image_too_many_pixels",
            _("The picture has more than 40 million pixels. Make it smaller."),
        ) from None
    except DAMAGED:
        raise _refuse("file_damaged", _("The file is damaged and cannot be read.")) from None


def _check_pdf(content: bytes) -> None:
    # Its library is read when somebody sends one.
    from trustedtruck.carriers.services import pdf

    try:
        reader = pdf.PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            raise _refuse(
                "pdf_encrypted", _("The PDF is protected by a password. Remove it first.")
            )
        if not reader.pages:
            raise _refuse("file_damaged", _("The file is damaged and cannot be read."))
        active = pdf.is_active(reader)
    except (pdf.PyPdfError, *DAMAGED):
        raise _refuse("file_damaged", _("The file is damaged and cannot be read.")) from None
    if active:
        raise _refuse(
            "pdf_active",
            _(
                "The PDF holds a script, a macro or another file inside."
                " Print it to a plain PDF first."
            ),
        )


def safe_name(name: str) -> str:
    """The last part of a file's name, of letters that no system minds."""
    kept = re.sub(r"[^\w .()-]", "_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    return kept[-120:] or "file"


def path_of(evidence: Evidence) -> Path:
    return stored_at(FOLDER, evidence.sha256)


@transaction.atomic
def add_evidence(
    *,
    application: Application,
    criterion: str,
    name: str,
    content: bytes,
    by: Actor,
    at: datetime,
) -> Evidence:
    """Clean a file and keep it with a criterion. The same file twice is kept once."""
    cleaned = clean(content)
    application = lock(application)
    check_user_can_answer(application)
    if criterion not in criteria_of(application).by_id:
        raise _refuse("criterion_unknown", _("There is no such criterion."))
    digest = hashlib.sha256(cleaned.content).hexdigest()
    held = list(Evidence.objects.filter(application=application, criterion=criterion))
    for evidence in held:
        if evidence.sha256 == digest:
            return evidence
    if len(held) >= MAX_FILES_PER_CRITERION:
        raise _refuse("too_many_files", _("There are ten files already. Remove one first."))
    evidence = Evidence(
        application=application,
        criterion=criterion,
        name=safe_name(name),
        media_type=cleaned.media_type,
        size=len(cleaned.content),
        sha256=digest,
        uploaded_by=str(by),
        uploaded_at=at,
    )
    store(FOLDER, cleaned.content)
    evidence.save(force_insert=True)
    record("application.evidence_added", application, by, criterion=criterion, sha256=digest)
    return evidence


@transaction.atomic
def remove_evidence(*, evidence: Evidence, by: Actor, at: datetime) -> None:
    """The row goes; the file goes with the last row that names it, after the commit."""
    application = lock(evidence.application)
    check_user_can_answer(application)
    evidence.delete()
    record(
        "application.evidence_removed",
        application,
        by,
        criterion=evidence.criterion,
        sha256=evidence.sha256,
    )
    rows = Evidence.objects.filter(sha256=evidence.sha256)
    remove_unless(FOLDER, evidence.sha256, still_named=rows.exists)
