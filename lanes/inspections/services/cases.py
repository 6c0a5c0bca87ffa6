"""An inspection from its referral to its end: ordered, held, released, seized, returned."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lanes.inspections.hours import open_at
from lanes.inspections.models import Exam, Finding, Inspection, Station, Verdict
from lanes.inspections.queries.looked import result_of
from lanes.inspections.services import outcomes
from lanes.inspections.services.common import change, lock, written, wrong
from lanes.inspections.states import INSPECTION, InspectionState, JointState
from lanes.queries import policy_in_force
from lanes.services.owed import note_appearance, order_exam, settle_exam
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import Refused


@transaction.atomic
def order_to_station(
    *, inspection_id: uuid.UUID, port_code: str, station_code: str, by: Actor, at: datetime
) -> Inspection:
    """Send the truck to a station; from now on it owes an exam, at every port.

    Raises `Invalid` for an unknown station, `Refused` for one that is closed or full.
    """
    inspection = lock(inspection_id, port_code)
    INSPECTION.check("order", inspection.state)
    # The station's lock keeps two officers from giving its last place away twice.
    station = Station.objects.select_for_update().filter(port=port_code, code=station_code).first()
    if station is None:
        raise wrong("station", "unknown_station", _("There is no such station at this port."))
    zone = inspection.port.timezone
    if station.state != Station.State.OPEN or not open_at(
        station.opens, station.closes, at=at, timezone=zone
    ):
        raise Refused("station_closed", _("This station is closed now."))
    there = Inspection.objects.filter(
        station=station, state__in=[InspectionState.ORDERED, InspectionState.AT_STATION]
    ).exclude(pk=inspection.pk)
    if there.count() >= station.capacity:
        raise Refused("station_full", _("This station has no free place."))
    due_at = at + timedelta(minutes=policy_in_force(port_code).no_show_minutes)
    inspection.station, inspection.ordered_at, inspection.due_at = station, at, due_at
    inspection.appeared_at = inspection.no_show_at = None
    change(inspection, "order", by=by, at=at, station=station.code, due=due_at.isoformat())
    order_exam(assignment=inspection.assignment, station=station.code, due_at=due_at, by=by, at=at)
    return inspection


@transaction.atomic
def excuse(
    *, inspection_id: uuid.UUID, port_code: str, note: str, by: Actor, at: datetime
) -> Inspection:
    """Take the order back, with a reason: the truck owes nothing any more.

    One that was held before is held again: a hold ends with a release, a seizure or a return alone.
    """
    note = written("note", note)
    inspection = lock(inspection_id, port_code)
    name = "hold_again" if inspection.hold_reason else "excuse"
    change(inspection, name, by=by, at=at, note=note)
    settle_exam(assignment=inspection.assignment, by=by, at=at)
    return inspection


@transaction.atomic
def appear(*, inspection_id: uuid.UUID, port_code: str, by: Actor, at: datetime) -> Inspection:
    """The truck is at the station that it was ordered to."""
    inspection = lock(inspection_id, port_code)
    INSPECTION.check("appear", inspection.state)
    inspection.appeared_at = at
    station = inspection.station.code if inspection.station else ""
    change(inspection, "appear", by=by, at=at, station=station)
    note_appearance(assignment=inspection.assignment, at=at)
    return inspection


@transaction.atomic
def hold(
    *, inspection_id: uuid.UUID, port_code: str, note: str, by: Actor, at: datetime
) -> Inspection:
    """The truck must not leave until somebody releases, seizes or returns it."""
    note = written("note", note)
    inspection = lock(inspection_id, port_code)
    INSPECTION.check("hold", inspection.state)
    inspection.hold_reason = note
    change(inspection, "hold", by=by, at=at, note=note)
    return inspection


@transaction.atomic
def release(
    *, inspection_id: uuid.UUID, port_code: str, note: str, by: Actor, at: datetime
) -> Inspection:
    """The truck may go. Raises `Refused` while anything is open, unread, or speaks against it, and
    `Invalid` where nobody has looked and `note` does not say why it may go all the same.
    """
    inspection = lock(inspection_id, port_code)
    INSPECTION.check("release", inspection.state)
    _check_nothing_open(inspection)
    _check_nothing_against(inspection)
    if not note.strip() and not result_of(inspection):
        text = _("Nobody has looked into this truck: write why it may go without that.")
        raise wrong("note", "required", text)
    return _close(inspection, "release", note.strip(), by, at)


@transaction.atomic
def seize(
    *, inspection_id: uuid.UUID, port_code: str, note: str, by: Actor, at: datetime
) -> Inspection:
    """Truck or goods stay. The carrier loses the fast lane in this same transaction."""
    note = written("note", note)
    inspection = lock(inspection_id, port_code)
    INSPECTION.check("seize", inspection.state)
    _check_nothing_open(inspection)
    if not _seized(inspection):
        raise Refused(
            "nothing_seized",
            _("Enter what is seized in an exam of the cargo, and have it approved."),
        )
    closed = _close(inspection, "seize", note, by, at)
    outcomes.after_seizure(inspection=closed, by=by, at=at)
    return closed


@transaction.atomic
def send_back(
    *, inspection_id: uuid.UUID, port_code: str, note: str, by: Actor, at: datetime
) -> Inspection:
    """The truck goes back to where it came from, with a reason."""
    note = written("note", note)
    inspection = lock(inspection_id, port_code)
    INSPECTION.check("return", inspection.state)
    _check_nothing_open(inspection)
    return _close(inspection, "return", note, by, at)


@transaction.atomic
def leave(*, inspection_id: uuid.UUID, port_code: str, by: Actor, at: datetime) -> Inspection:
    """The booth let the truck go without a station: it has left the port."""
    return _close(lock(inspection_id, port_code), "leave", "", by, at)


def _close(inspection: Inspection, name: str, note: str, by: Actor, at: datetime) -> Inspection:
    result = result_of(inspection)
    inspection.result, inspection.note = result, note
    inspection.closed_by, inspection.closed_at = str(by), at
    change(inspection, name, by=by, at=at, note=note, result=result)
    settle_exam(assignment=inspection.assignment, by=by, at=at)
    outcomes.after_close(inspection=inspection, by=by, at=at)
    return inspection


def _check_nothing_open(inspection: Inspection) -> None:
    if Exam.objects.filter(inspection=inspection).exclude(state="approved").exists():
        raise Refused("exam_open", _("An exam is not finished and approved yet."))
    if inspection.scans.exclude(verdicts__final=True).exists():
        raise Refused("scan_open", _("A scan has no final verdict yet."))
    joint = getattr(inspection, "joint", None)
    if joint is not None and joint.state in (JointState.OPEN, JointState.DISAGREED):
        raise Refused("joint_open", _("The joint inspection has no result yet."))


def _check_nothing_against(inspection: Inspection) -> None:
    joint = getattr(inspection, "joint", None)
    if joint is not None and joint.result != "release":
        raise Refused("joint_against", _("The joint inspection did not end with a release."))
    if _seized(inspection):
        raise Refused("goods_are_seized", _("An exam seized something: end with the seizure."))
    doubted = Verdict.objects.filter(
        scan__inspection=inspection, final=True, word__in=["refer", "hold"]
    )
    last = doubted.order_by("-given_at").first()
    # An exam that was signed before the doubt came up says nothing about it.
    if last and not inspection.exams.filter(submitted_at__gte=last.given_at).exists():
        raise Refused("exam_needed", _("The verdict on a scan asks for an exam first."))


def _seized(inspection: Inspection) -> bool:
    return Finding.objects.filter(exam__inspection=inspection, seized=True).exists()
