"""Exams: opened, typed, photographed, signed by one inspector and approved by another."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lanes.inspections.models import Exam, Finding, Photo, PointResult, SealChange
from lanes.inspections.services.common import lock, record, written, wrong
from lanes.inspections.sheet import POINTS, Sheet, plain, read
from lanes.inspections.states import EXAM, ExamState, InspectionState
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.services.evidence import clean
from trustedtruck.core.errors import Invalid, NotFound, Refused

DRAFT_LIMIT = 64 * 1024
MAX_PHOTOS = 5


def _locked(exam_id: int, port_code: str) -> Exam:
    """The exam, its inspection locked first: two officers come one after the other."""
    found = Exam.objects.filter(pk=exam_id, inspection__port=port_code).first()
    if found is None:
        raise NotFound("exam_unknown", _("There is no such exam at this port."))
    lock(found.inspection_id, port_code)
    return Exam.objects.select_for_update(of=["self"]).select_related("inspection").get(pk=exam_id)


def _change(exam: Exam, name: str, by: Actor, **data: object) -> None:
    transition = EXAM.check(name, exam.state)
    exam.state = transition.target
    exam.save()
    record(transition.action, exam.inspection, by, exam=exam.pk, kind=exam.kind, **data)


@transaction.atomic
def open_exam(*, inspection_id: object, port_code: str, kind: str, by: Actor, at: datetime) -> Exam:
    """Begin an exam of a truck that is at its station or held. Raises `Refused`."""
    if kind not in Exam.Kind.values:
        raise wrong("kind", "unknown_kind", _("There is no such kind of exam."))
    inspection = lock(inspection_id, port_code)  # type: ignore[arg-type]
    if inspection.state not in (InspectionState.AT_STATION, InspectionState.HELD):
        raise Refused("not_at_station", _("The truck is not at its station."))
    unfinished = Exam.objects.filter(inspection=inspection, kind=kind).exclude(state="approved")
    if unfinished.exists():
        raise Refused("exam_open_already", _("An exam of this kind is open already."))
    exam = Exam(inspection=inspection, kind=kind, state="", opened_by=str(by), opened_at=at)
    _change(exam, "open", by)
    return exam


@transaction.atomic
def save_draft(
    *,
    exam_id: int,
    port_code: str,
    draft: Mapping[str, object],
    version: int,
    by: Actor,
    at: datetime,
) -> Exam:
    """Keep what was typed so far. `version` is the one that the tablet began from.

    Raises `Refused` (`draft_changed`) where somebody saved since, with the version that is kept.
    """
    exam = _locked(exam_id, port_code)
    _check_draft(exam, version)
    kept = plain(exam.kind, draft)
    if len(json.dumps(kept)) > DRAFT_LIMIT:
        raise wrong("draft", "too_long", _("These are more words than a sheet holds."))
    if kept != exam.draft:
        exam.draft, exam.version = kept, exam.version + 1
        exam.save(update_fields=["draft", "version"])
    return exam


def _check_draft(exam: Exam, version: int) -> None:
    if exam.state != ExamState.DRAFT:
        raise Refused("exam_signed", _("This exam has been signed: it does not change any more."))
    if exam.version != version:
        raise Refused(
            "draft_changed",
            _("Somebody else has saved this exam since. Look at what is kept now."),
            version=exam.version,
        )


@transaction.atomic
def add_photo(
    *, exam_id: int, port_code: str, point: str, content: bytes, by: Actor, at: datetime
) -> Photo:
    """Keep a photo of one point, re-encoded; the same one again is the same row."""
    cleaned = clean(content)
    if not cleaned.media_type.startswith("image/"):
        raise wrong("file", "file_kind", _("A photo is a PNG or JPEG picture."))
    exam = _locked(exam_id, port_code)
    if exam.kind != Exam.Kind.CONVEYANCE or point not in POINTS:
        raise wrong("file", "unknown_point", _("There is no such point on the sheet."))
    if exam.state != ExamState.DRAFT:
        raise Refused("exam_signed", _("This exam has been signed: it does not change any more."))
    digest = hashlib.sha256(cleaned.content).hexdigest()
    held = Photo.objects.filter(exam=exam, point=point)
    if known := held.filter(sha256=digest).first():
        return known
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


@transaction.atomic
def submit_exam(*, exam_id: int, port_code: str, version: int, by: Actor, at: datetime) -> Exam:
    """Sign what is kept. Raises `Invalid` with every blank and every fail without note or photo."""
    exam = _locked(exam_id, port_code)
    _check_draft(exam, version)
    photos = {photo.point: photo for photo in exam.photos.order_by("-pk")}
    sheet, errors = read(exam.kind, exam.draft, photos.keys())
    if errors:
        raise Invalid(errors, _("Some fields are wrong."))
    _write_down(exam, sheet, photos)
    exam.passed, exam.note = sheet.passed, sheet.note
    exam.submitted_by, exam.submitted_at = str(by), at
    _change(exam, "submit", by, passed=exam.passed)
    return exam


def _write_down(exam: Exam, sheet: Sheet, photos: Mapping[str, Photo]) -> None:
    for rows in (exam.points, exam.findings, exam.seals):
        rows.all().delete()
    PointResult.objects.bulk_create(
        PointResult(
            exam=exam,
            point=entry.point,
            passed=entry.passed,
            note=entry.note,
            photo=photos.get(entry.point),
        )
        for entry in sheet.points
    )
    Finding.objects.bulk_create(
        Finding(
            exam=exam,
            category=entry.category,
            description=entry.description,
            quantity=entry.quantity,
            unit=entry.unit,
            seized=entry.seized,
        )
        for entry in sheet.findings
    )
    SealChange.objects.bulk_create(
        SealChange(exam=exam, old_number=old, new_number=new) for old, new in sheet.seals
    )


@transaction.atomic
def approve_exam(*, exam_id: int, port_code: str, by: Actor, at: datetime) -> Exam:
    """The second signature, by another person than the first."""
    exam = _locked(exam_id, port_code)
    EXAM.check("approve", exam.state)
    _check_other(exam, by)
    exam.approved_by, exam.approved_at = str(by), at
    _change(exam, "approve", by, passed=exam.passed)
    return exam


@transaction.atomic
def send_back_exam(*, exam_id: int, port_code: str, note: str, by: Actor, at: datetime) -> Exam:
    """Back to the inspector, with what is missing; what was typed stays."""
    note = written("note", note)
    exam = _locked(exam_id, port_code)
    EXAM.check("send_back", exam.state)
    _check_other(exam, by)
    exam.passed, exam.submitted_by, exam.submitted_at = None, "", None
    exam.version += 1
    _change(exam, "send_back", by, note=note)
    return exam


def _check_other(exam: Exam, by: Actor) -> None:
    if exam.submitted_by == str(by):
        raise Refused("own_exam", _("Whoever signed an exam cannot approve it."))
