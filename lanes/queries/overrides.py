"""What officers put above decisions, for the gate, the board and the carrier."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from lanes.models import Assignment, Lane, Override, Redirection, Route
from lanes.queries.archive import Archived

# The override that counts now. One toward fast counts until it expires, and only while the
# credentials are good: a revocation after the second signature closes the lane again.
IN_FORCE = """
SELECT o.route, o.reason, o.effective_at, o.lane_id FROM lanes_override o
WHERE o.arrival_id = a.id AND o.effective_at IS NOT NULL
  AND (o.route = 'inspection'
       OR (o.expires_at > clock_timestamp() AND lanes_may_be_fast(o.arrival_id)))
ORDER BY o.effective_at DESC, o.id DESC LIMIT 1
"""

# The last redirection on the route in force; `s` is the assignment, `o` the override in force.
REDIRECTED = """
SELECT r.lane_id FROM lanes_redirection r
WHERE r.arrival_id = a.id AND r.route = coalesce(o.route, s.route)
  AND r.redirected_at >= coalesce(o.effective_at, s.decided_at)
ORDER BY r.id DESC LIMIT 1
"""
# From an arrival `a` on: its assignment, the override and the redirection in force.
STANDING = f"""
LEFT JOIN lanes_assignment s ON s.arrival_id = a.id
LEFT JOIN LATERAL ({IN_FORCE}) o ON true
LEFT JOIN LATERAL ({REDIRECTED}) r ON true
"""
ROUTE = "coalesce(o.route, s.route)"
LANE_ID = "coalesce(r.lane_id, CASE WHEN o.route IS NULL THEN s.lane_id ELSE o.lane_id END)"


_ROUTE_AND_LANE = f"""
SELECT {ROUTE}, {LANE_ID} FROM (SELECT %s::uuid AS id) a {STANDING}
WHERE s.route IS NOT NULL
"""  # noqa: S608  (our own text)


def may_be_fast(arrival_id: uuid.UUID) -> bool:
    """Whether the credentials of truck and driver are good and the carrier is certified, now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lanes_may_be_fast(%s)", [arrival_id])
        return bool(cursor.fetchone()[0])


def route_and_lane_in_force(arrival_id: uuid.UUID) -> tuple[str, int | None] | None:
    """Where the truck must go now: as overridden, else as decided; None while it waits."""
    with connection.cursor() as cursor:
        cursor.execute(_ROUTE_AND_LANE, [arrival_id])
        row: tuple[str, int | None] | None = cursor.fetchone()
    return row


def route_in_force(arrival_id: uuid.UUID) -> str | None:
    """The route alone of `route_and_lane_in_force`."""
    found = route_and_lane_in_force(arrival_id)
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was ordered after the decision: an override or a redirection."""

    at: datetime
    override: Override | None = None
    redirection: Redirection | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a truck must go now, and what was ordered since its decision, the first order first."""

    route: str
    lane: Lane | None
    steps: tuple[Step, ...]


def standing_of(assignment: Assignment, past: Archived | None = None) -> Standing:
    """`past` is where the assignment comes from, where that is the archive."""
    arrival_id = assignment.pk
    if past is not None:
        route, lane_id, moves = assignment.route, past.lane_id, past.redirections
    else:
        decided = assignment.route, assignment.lane_id
        route, lane_id = route_and_lane_in_force(arrival_id) or decided
        rows = Redirection.objects.filter(arrival=arrival_id).select_related("from_lane", "lane")
        moves = list(rows.order_by("pk"))
    steps = [
        Step(order.effective_at or order.requested_at, override=order)
        for order in overrides_of([arrival_id]).get(arrival_id, [])
    ]
    steps += [Step(move.redirected_at, redirection=move) for move in moves]
    lane = Lane.objects.get(pk=lane_id) if lane_id else None
    return Standing(route, lane, tuple(sorted(steps, key=lambda step: step.at)))


def overrides_of(arrival_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Override]]:
    """All overrides of arrivals, requests too, the oldest first. One query."""
    found: dict[uuid.UUID, list[Override]] = defaultdict(list)
    rows = Override.objects.filter(arrival__in=list(arrival_ids)).select_related("lane")
    for row in rows.order_by("requested_at", "pk"):
        found[row.arrival_id].append(row)
    return dict(found)


def awaits_a_second(order: Override, orders: Iterable[Override], *, at: datetime) -> bool:
    """Whether it is a request that a second officer can approve: in time, and no officer sent the
    truck to inspection since. `orders` are all of the arrival."""
    if order.effective_at or order.expires_at is None or at >= order.expires_at:
        return False
    return not any(
        one.route == Route.INSPECTION and one.requested_at >= order.requested_at for one in orders
    )


def overrides_in_force(arrival_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Override]:
    """The last override of each arrival that took effect, also one whose time is over."""
    rows = Override.objects.filter(arrival__in=list(arrival_ids), effective_at__isnull=False)
    return {row.arrival_id: row for row in rows.order_by("effective_at", "pk")}


def open_requests(port_code: str) -> list[Override]:
    """Requests toward fast at a port that wait for a second officer and have not expired."""
    return list(
        Override.objects.raw(
            "SELECT * FROM lanes_override WHERE port_id = %s AND effective_at IS NULL"
            " AND expires_at > clock_timestamp() ORDER BY requested_at",
            [port_code],
        )
    )
