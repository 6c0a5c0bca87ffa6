"""What officers put above decisions, for the gate, the board and the carrier."""

import uuid
from collections import defaultdict
from collections.abc import Iterable

from django.db import connection

from lanes.models import Override

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


def overrides_of(arrival_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Override]]:
    """All overrides of arrivals, requests too, the oldest first. One query."""
    found: dict[uuid.UUID, list[Override]] = defaultdict(list)
    rows = Override.objects.filter(arrival__in=list(arrival_ids)).select_related("lane")
    for row in rows.order_by("requested_at", "pk"):
        found[row.arrival_id].append(row)
    return dict(found)


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
