"""The same tag or QR code at two gates: one of the two trucks is a copy, and nobody knows which.

The one that comes second is inspected by the rules. The other may have its lane already: it is sent
to inspection too, and the officers of both ports are told.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.utils import timezone

from lanes import queries, reasons
from lanes.models import Alarm, Assignment, Route
from lanes.services.alarms import raise_alarm
from lanes.services.overrides import override_to_inspection
from trustedtruck.audit.actors import Actor, system
from trustedtruck.core.errors import Refused

log = structlog.get_logger(__name__)
MET = frozenset({"tag_at_two_gates", "qr_at_two_gates"})
LATELY = timedelta(minutes=5)
_FACTS = ("elsewhere", "qr_elsewhere")


def note_decided(arrival_ids: Iterable[uuid.UUID]) -> None:
    """Deal with decisions just made. Whatever goes wrong here is made good by `catch_up`.

    The gate has its answer already: nothing of it may hang on this.
    """
    for arrival_id in arrival_ids:
        try:
            settle_clone(arrival_id=arrival_id, by=system("worker"), at=timezone.now())
        except Exception:
            log.exception("clone_not_settled", arrival=str(arrival_id))


@transaction.atomic
def settle_clone(*, arrival_id: uuid.UUID, by: Actor, at: datetime) -> bool:
    """Raise the alarm for a truck that is one of two, and send the others to inspection.

    Harmless when repeated. False where there was nothing left to do.
    """
    assignment = Assignment.objects.get(pk=arrival_id)
    others = {
        uuid.UUID(other["arrival_id"])
        for name in _FACTS
        if (other := assignment.facts.get(name)) is not None
    }
    # All at once and in order, so that two trucks that name each other cannot wait for each other.
    rows = Assignment.objects.select_for_update().filter(pk__in=[arrival_id, *others])
    list(rows.order_by("pk").values_list("pk"))
    done = _alarm(arrival_id, assignment.port_id, others, by=by, at=at)
    for other in sorted(others):
        done |= _inspect(other, arrival_id, by=by, at=at)
    return done


def catch_up(*, by: Actor, at: datetime) -> int:
    """Settle the clones whose worker died before it could, and those decided at the same moment."""
    with connection.cursor() as cursor:
        cursor.execute(_UNSETTLED, [at - LATELY, sorted(MET)])
        found = [row[0] for row in cursor.fetchall()]
    return sum(settle_clone(arrival_id=arrival_id, by=by, at=at) for arrival_id in found)


# Decided lately as one of two, and without an alarm, or with another one that may still be fast.
_UNSETTLED = """
SELECT s.arrival_id FROM lanes_port p JOIN lanes_assignment s ON s.port_id = p.code
WHERE s.decided_at > %s AND s.reasons && %s::varchar[]
  AND (NOT EXISTS (SELECT 1 FROM lanes_alarm m
                   WHERE m.arrival_id = s.arrival_id AND m.kind = 'clone')
       OR EXISTS (SELECT 1 FROM lanes_assignment o
                  WHERE o.arrival_id IN ((s.facts->'elsewhere'->>'arrival_id')::uuid,
                                         (s.facts->'qr_elsewhere'->>'arrival_id')::uuid)
                    AND o.route = 'fast'
                    AND NOT EXISTS (SELECT 1 FROM lanes_override v
                                    WHERE v.arrival_id = o.arrival_id)
                    AND NOT EXISTS (SELECT 1 FROM lanes_passage x
                                    WHERE x.arrival_id = o.arrival_id AND x.point = 'exit')))
"""


def _alarm(
    arrival_id: uuid.UUID, port_code: str, others: set[uuid.UUID], *, by: Actor, at: datetime
) -> bool:
    if Alarm.objects.filter(arrival=arrival_id, kind=Alarm.Kind.CLONE).exists():
        return False
    raise_alarm(
        kind=Alarm.Kind.CLONE,
        arrival_id=arrival_id,
        port_code=port_code,
        data={"others": sorted(map(str, others))},
        by=by,
        at=at,
    )
    return True


def _inspect(other: uuid.UUID, than: uuid.UUID, *, by: Actor, at: datetime) -> bool:
    """Send the other truck to inspection where it has the fast lane and is still here.

    One that has no lane yet is decided later, and its rules see this one.
    """
    if queries.route_in_force(other) != Route.FAST:
        return False
    port_code = Assignment.objects.values_list("port_id", flat=True).get(pk=other)
    try:
        override_to_inspection(
            arrival_id=other, port_code=port_code, reason=reasons.CAME_ELSEWHERE, by=by, at=at
        )
    except Refused:
        # It has left the port: all that remains is the alarm.
        return _alarm(other, port_code, {than}, by=by, at=at)
    _alarm(other, port_code, {than}, by=by, at=at)
    return True
