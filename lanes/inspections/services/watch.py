"""What time and passages bring about: appearances, no-shows, long stops, trucks that left.

Whoever leaves while an officer's word is still due, ordered, at a station or held, is an alarm.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from lanes.inspections.models import Inspection
from lanes.inspections.services.cases import appear, leave
from lanes.inspections.services.common import lock
from lanes.inspections.states import InspectionState
from lanes.models import Alarm, Passage
from lanes.queries import policy_in_force
from lanes.services.alarms import raise_alarm
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import DomainError

log = structlog.get_logger(__name__)
LOOK_BACK = timedelta(days=1)


def watch(*, by: Actor, at: datetime) -> dict[str, int]:
    """Everything that is due at this instant; how much of each was done. Harmless when repeated.

    Passages come first: a truck that was seen at its station is no no-show.
    """
    return {
        "opened": _missing(at),
        "appeared": _appearances(by, at),
        "left": _departures(by),
        "no_shows": _no_shows(by, at),
        "unreleased": _unreleased(by, at),
        "long_stops": _long_stops(by, at),
    }


_MISSING = """
SELECT inspections_open(s.arrival_id, s.reasons::text[], inspections_basis(s.reasons::text[]))
FROM lanes_assignment s
WHERE s.route = 'inspection' AND s.decided_at > %s
  AND NOT EXISTS (SELECT 1 FROM inspections_inspection i WHERE i.assignment_id = s.arrival_id)
"""


def _missing(at: datetime) -> int:
    """Inspections that the assignment's trigger could not open."""
    with connection.cursor() as cursor:
        cursor.execute(_MISSING, [at - LOOK_BACK])
        return int(cursor.rowcount)


def _passed(point: str) -> Exists:
    return Exists(Passage.objects.filter(arrival=OuterRef("assignment_id"), point=point))


def _appearances(by: Actor, at: datetime) -> int:
    rows = Inspection.objects.filter(state=InspectionState.ORDERED).values_list(
        "pk", "port_id", "assignment_id", "ordered_at"
    )
    done = 0
    for pk, port, arrival, ordered_at in rows.filter(_passed("exam")):
        seen = (
            Passage.objects.filter(arrival=arrival, point="exam", received_at__gte=ordered_at)
            .order_by("received_at")
            .first()
        )
        if seen is not None:
            done += _tried(appear, inspection_id=pk, port_code=port, by=by, at=seen.received_at)
    return done


def _departures(by: Actor) -> int:
    rows = Inspection.objects.filter(_passed("exit"), state=InspectionState.REFERRED).values_list(
        "pk", "port_id", "assignment_id"
    )
    done = 0
    for pk, port, arrival in rows[:500]:
        gone = Passage.objects.filter(arrival=arrival, point="exit").earliest("received_at")
        done += _tried(leave, inspection_id=pk, port_code=port, by=by, at=gone.received_at)
    return done


def _no_shows(by: Actor, at: datetime) -> int:
    """Past its time, or out of the port without having appeared."""
    late = Inspection.objects.filter(
        Q(due_at__lt=at) | Q(_passed("exit")),
        state=InspectionState.ORDERED,
        no_show_at__isnull=True,
    )
    return sum(
        _tried(_alarm, pk=pk, port=port, kind=Alarm.Kind.NO_SHOW, by=by, at=at)
        for pk, port in late.values_list("pk", "port_id")
    )


def _unreleased(by: Actor, at: datetime) -> int:
    """Out of the port from a station, or in spite of a hold."""
    told = Alarm.objects.filter(arrival=OuterRef("assignment_id"), kind=Alarm.Kind.LEFT_UNRELEASED)
    rows = Inspection.objects.filter(_passed("exit"), ~Exists(told), state__in=_HERE)
    return sum(
        _tried(_alarm, pk=pk, port=port, kind=Alarm.Kind.LEFT_UNRELEASED, by=by, at=at)
        for pk, port in rows.values_list("pk", "port_id")
    )


def _long_stops(by: Actor, at: datetime) -> int:
    """A truck that two countries released together is not yet at the second point."""
    rows = Inspection.objects.filter(
        ~_passed("exit"),
        joint__result="release",
        state=InspectionState.RELEASED,
        closed_at__gt=at - LOOK_BACK,
        long_stop_at__isnull=True,
    ).values_list("pk", "port_id", "closed_at")
    done = 0
    for pk, port, closed_at in rows:
        allowed = timedelta(minutes=policy_in_force(port).long_stop_minutes)
        if closed_at and at - closed_at > allowed:
            done += _tried(_alarm, pk=pk, port=port, kind=Alarm.Kind.LONG_STOP, by=by, at=at)
    return done


_HERE = (InspectionState.AT_STATION, InspectionState.HELD)
_STAMPS = {Alarm.Kind.NO_SHOW: "no_show_at", Alarm.Kind.LONG_STOP: "long_stop_at"}
# The states in which it is one; every other alarm stands whatever an officer does meanwhile.
_ONLY_IN = {
    Alarm.Kind.NO_SHOW: (InspectionState.ORDERED,),
    Alarm.Kind.LEFT_UNRELEASED: _HERE,
}


@transaction.atomic
def _alarm(*, pk: uuid.UUID, port: str, kind: Alarm.Kind, by: Actor, at: datetime) -> None:
    """Once for each inspection, or for each order to a station; looked at again under its lock."""
    inspection = lock(pk, port)
    if inspection.state not in _ONLY_IN.get(kind, (inspection.state,)):
        return
    if stamp := _STAMPS.get(kind):
        if getattr(inspection, stamp) is not None:
            return
        setattr(inspection, stamp, at)
        inspection.save(update_fields=[stamp])
    elif Alarm.objects.filter(arrival=inspection.assignment_id, kind=kind).exists():
        return
    raise_alarm(
        kind=kind,
        arrival_id=inspection.assignment_id,
        port_code=port,
        data={"station": inspection.station.code if inspection.station else ""},
        by=by,
        at=at,
    )


def _tried(service: Callable[..., object], **arguments: Any) -> int:
    """1 when it was done; a refusal means that an officer was faster."""
    try:
        service(**arguments)
    except DomainError as refusal:
        log.info("inspection_changed_meanwhile", code=refusal.code)
        return 0
    return 1
