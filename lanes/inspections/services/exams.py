"""Exams: opened, signed by one inspector and approved by another.

In a joint inspection the officers of both agencies fill in one sheet; whoever signs does it for the
own agency, and as long as there is no joint result an officer of the other one accepts it.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lanes.inspections.models import (
    Exam,
    Finding,
    JointInspection,
    Photo,
    PointResult,
    SealChange,
)
from lanes.inspections.services.common import lock, record, written, wrong
from lanes.inspections.services.sheets import check_draft, locked_exam
from lanes.inspections.sheet import Sheet, read
from lanes.inspections.states import EXAM, InspectionState
from trustedtruck.accounts.models import Agency
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import FieldError, Invalid, Refused
from trustedtruck.manifests.services.seals import NewSeal, numbers_of, replace_seals


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
def submit_exam(
    *,
    exam_id: int,
    port_code: str,
    version: int,
    agency: Agency | None,
    by: Actor,
    at: datetime,
) -> Exam:
    """Sign what is kept. Raises `Invalid` with every blank and every fail without note or photo."""
    exam = locked_exam(exam_id, port_code)
    check_draft(exam, version)
    photos = {photo.point: photo for photo in exam.photos.order_by("-pk")}
    sheet, errors = read(exam.kind, exam.draft, photos.keys())
    errors += _seals_there(exam, sheet)
    if errors:
        raise Invalid(errors, _("Some fields are wrong."))
    _write_down(exam, sheet, photos)
    exam.passed, exam.note = sheet.passed, sheet.note
    exam.submitted_by, exam.submitted_at, exam.submitted_for = str(by), at, agency
    _change(exam, "submit", by, passed=exam.passed)
    return exam


def _seals_there(exam: Exam, sheet: Sheet) -> tuple[FieldError, ...]:
    """New numbers that the trip has, or had, for another seal."""
    used = numbers_of(_trip_of(exam)) if sheet.seals else set()
    return tuple(
        FieldError(f"seal_{s.row}_new", "seal_known", _("This seal is on the trip already."))
        for s in sheet.seals
        if s.new in used
    )


def _write_down(exam: Exam, sheet: Sheet, photos: Mapping[str, Photo]) -> None:
    def entered(name: str) -> dict[str, str]:
        found: dict[str, str] = exam.entries.get(name, {"by": "", "agency": ""})
        return found

    for rows in (exam.points, exam.findings, exam.seals):
        rows.all().delete()
    PointResult.objects.bulk_create(
        PointResult(
            exam=exam,
            point=entry.point,
            passed=entry.passed,
            note=entry.note,
            photo=photos.get(entry.point),
            examined_by=entered(f"result_{entry.point}")["by"],
            agency_id=entered(f"result_{entry.point}")["agency"] or None,
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
            found_by=entered(f"finding_{entry.row}_category")["by"],
            agency_id=entered(f"finding_{entry.row}_category")["agency"] or None,
        )
        for entry in sheet.findings
    )
    SealChange.objects.bulk_create(
        SealChange(exam=exam, old_number=s.old, new_number=s.new, new_grade=s.grade)
        for s in sheet.seals
    )


@transaction.atomic
def approve_exam(
    *, exam_id: int, port_code: str, agency: Agency | None, by: Actor, at: datetime
) -> Exam:
    """The second signature, by another person than the first.

    In a joint inspection without a result it is an officer of the other agency who accepts it.
    """
    exam = locked_exam(exam_id, port_code)
    EXAM.check("approve", exam.state)
    _check_other(exam, by)
    joint = JointInspection.objects.filter(inspection=exam.inspection, result="").first()
    if joint is not None:
        parties = {joint.agency_a_id, joint.agency_b_id} - {exam.submitted_for_id}
        if agency is None or agency.pk not in parties:
            raise Refused(
                "other_agency_accepts",
                _("In a joint inspection an officer of the other agency approves the exam."),
            )
        exam.accepted_for = agency
    exam.approved_by, exam.approved_at = str(by), at
    _change(exam, "approve", by, passed=exam.passed)
    if trip := _trip_of(exam):
        seals = [NewSeal(s.old_number, s.new_number, s.new_grade) for s in exam.seals.all()]
        replace_seals(trip_id=trip, seals=seals, by=by, at=at)
    return exam


def _trip_of(exam: Exam) -> int | None:
    """The trip that the truck was found to make when it arrived."""
    trip = exam.inspection.assignment.facts.get("trip") or {}
    found: int | None = trip.get("id")
    return found


@transaction.atomic
def send_back_exam(*, exam_id: int, port_code: str, note: str, by: Actor, at: datetime) -> Exam:
    """Back to the inspector, with what is missing; what was typed stays."""
    note = written("note", note)
    exam = locked_exam(exam_id, port_code)
    EXAM.check("send_back", exam.state)
    _check_other(exam, by)
    exam.passed, exam.submitted_by, exam.submitted_at = None, "", None
    exam.submitted_for = None
    exam.version += 1
    _change(exam, "send_back", by, note=note)
    return exam


def _check_other(exam: Exam, by: Actor) -> None:
    if exam.submitted_by == str(by):
        raise Refused("own_exam", _("Whoever signed an exam cannot approve it."))
