"""The sheet of an exam while it is filled in: typed by one or several officers, photographed."""

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lanes.inspections.models import Exam, Photo
from lanes.inspections.services.common import lock, record, wrong
from lanes.inspections.sheet import POINTS, plain
from lanes.inspections.states import ExamState
from trustedtruck.accounts.models import Agency
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.services.evidence import clean
from trustedtruck.core.errors import NotFound, Refused

DRAFT_LIMIT = 64 * 1024
MAX_PHOTOS = 5


def locked_exam(exam_id: int, port_code: str) -> Exam:
    """The exam, its inspection locked first: two officers come one after the other."""
    found = Exam.objects.filter(pk=exam_id, inspection__port=port_code).first()
    if found is None:
        raise NotFound("exam_unknown", _("There is no such exam at this port."))
    lock(found.inspection_id, port_code)
    return Exam.objects.select_for_update(of=["self"]).select_related("inspection").get(pk=exam_id)


def check_draft(exam: Exam, version: int | None = None) -> None:
    """Raises `Refused` where it is signed, or where somebody saved it after `version`."""
    if exam.state != ExamState.DRAFT:
        raise Refused("exam_signed", _("This exam has been signed: it does not change any more."))
    if version is not None and exam.version != version:
        raise _changed(exam)


def _changed(exam: Exam) -> Refused:
    return Refused(
        "draft_changed",
        _("Somebody else has saved this exam since. Look at what is kept now."),
        version=exam.version,
    )


@transaction.atomic
def save_draft(
    *,
    exam_id: int,
    port_code: str,
    draft: Mapping[str, object],
    version: int,
    agency: Agency | None,
    by: Actor,
    at: datetime,
    touched: Collection[str] | None = None,
) -> Exam:
    """Keep what was typed so far. `version` is the one that the tablet began from.

    With `touched`, the fields that were changed there, nothing else is written: two tablets fill in
    one sheet, as two agencies do in a joint inspection. Without it the whole sheet is written.
    Raises `Refused` (`draft_changed`) where somebody has changed the same field, or the sheet,
    since; nothing of it is written then.
    """
    exam = locked_exam(exam_id, port_code)
    check_draft(exam, version if touched is None else None)
    sent = plain(exam.kind, draft)
    names = (exam.draft.keys() | sent.keys()) if touched is None else set(touched)
    changed = {name for name in names if sent.get(name) != exam.draft.get(name)}
    if any(exam.entries.get(name, {}).get("version", 0) > version for name in changed):
        raise _changed(exam)
    kept = {name: value for name, value in exam.draft.items() if name not in changed}
    kept |= {name: sent[name] for name in changed if name in sent}
    if len(json.dumps(kept)) > DRAFT_LIMIT:
        raise wrong("draft", "too_long", _("These are more words than a sheet holds."))
    if changed:
        exam.draft, exam.version = kept, exam.version + 1
        entry = {"version": exam.version, "by": str(by), "agency": agency.pk if agency else ""}
        exam.entries |= dict.fromkeys(changed, entry)
        exam.save(update_fields=["draft", "version", "entries"])
    return exam


def since(exam: Exam, version: int) -> dict[str, dict[str, str]]:
    """What was changed after this version: of each field its value, and the agency it came from."""
    return {
        name: {"value": exam.draft.get(name, ""), "agency": entry["agency"]}
        for name, entry in exam.entries.items()
        if entry["version"] > version
    }


@transaction.atomic
def add_photo(
    *, exam_id: int, port_code: str, point: str, content: bytes, by: Actor, at: datetime
) -> Photo:
    """Keep a photo of one point, re-encoded; the same one again is the same row."""
    cleaned = clean(content)
    if not cleaned.media_type.startswith("image/"):
        raise wrong("file", "file_kind", _("A photo is a PNG or JPEG picture."))
    exam = locked_exam(exam_id, port_code)
    if exam.kind != Exam.Kind.CONVEYANCE or point not in POINTS:
        raise wrong("file", "unknown_point", _("There is no such point on the sheet."))
    digest = hashlib.sha256(cleaned.content).hexdigest()
    held = Photo.objects.filter(exam=exam, point=point)
    if known := held.filter(sha256=digest).first():
        return known
    check_draft(exam)
    if held.count() >= MAX_PHOTOS:
        raise Refused("too_many_photos", _("This point has five photos already."))
    _write(photo_path(digest), cleaned.content)
    photo = Photo.objects.create(
        exam=exam,
        point=point,
        sha256=digest,
        media_type=cleaned.media_type,
        size=len(cleaned.content),
        taken_by=str(by),
        taken_at=at,
    )
    record("exam.photo_added", exam.inspection, by, exam=exam.pk, point=point, sha256=digest)
    return photo


def photo_path(sha256: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "exams" / sha256[:2] / sha256


def _write(target: Path, content: bytes) -> None:
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_suffix(".new")
        draft.write_bytes(content)
        draft.chmod(0o600)
        draft.replace(target)
