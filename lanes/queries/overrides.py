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


_ROUTE = f"""
SELECT coalesce(o.route, a.route)
FROM (SELECT arrival_id AS id, route FROM lanes_assignment) a
LEFT JOIN LATERAL ({IN_FORCE}) o ON true
WHERE a.id = %s
"""  # noqa: S608  (our own text)


def route_in_force(arrival_id: uuid.UUID) -> str | None:
    """Where the truck must go now: as overridden, else as decided; None while it waits."""
    with connection.cursor() as cursor:
        cursor.execute(_ROUTE, [arrival_id])
        row = cursor.fetchone()
    return row[0] if row else None


def overrides_of(arrival_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Override]]:
    """All overrides of arrivals, requests too, the oldest first. One query."""
    found: dict[uuid.UUID, list[Override]] = defaultdict(list)
    rows = Override.objects.filter(arrival__in=list(arrival_ids)).select_related("lane")
    for row in rows.order_by("requested_at", "pk"):
        found[row.arrival_id].append(row)
    return dict(found)


def open_requests(port_code: str) -> list[Override]:
    """Requests toward fast at a port that wait for a second officer and have not expired."""
    return list(
        Override.objects.raw(
            "SELECT * FROM lanes_override WHERE port_id = %s AND effective_at IS NULL"
            " AND expires_at > clock_timestamp() ORDER BY requested_at",
            [port_code],
        )
    )
