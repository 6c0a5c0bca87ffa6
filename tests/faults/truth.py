"""What the database says of a campaign's trucks in the end."""

from typing import Any

import psycopg

_ROWS = """
SELECT a.event_id, extract(epoch FROM a.received_at)::float8,
       extract(epoch FROM a.deadline_at)::float8,
       (SELECT count(*) FROM lanes_assignment s WHERE s.arrival_id = a.id),
       s.route, extract(epoch FROM s.decided_at)::float8, s.decided_by, s.reasons,
       s.truck_credential_id,
       (SELECT l.route FROM lanes_passage p JOIN lanes_lane l ON l.id = p.lane_id
        WHERE p.arrival_id = a.id AND p.point = 'lane' ORDER BY p.id DESC LIMIT 1)
FROM lanes_arrival a LEFT JOIN lanes_assignment s ON s.arrival_id = a.id
WHERE a.event_id LIKE %s ORDER BY a.event_id
"""
_NAMES = (
    "event", "received_at", "deadline_at", "assignments", "route", "decided_at", "decided_by",
    "reasons", "credential", "executed",
)  # fmt: skip


def rows(database_url: str, prefix: str) -> list[dict[str, Any]]:
    """A row for each arrival whose event id begins so; instants are POSIX seconds."""
    with psycopg.connect(database_url) as connection:
        found = connection.execute(_ROWS, [f"{prefix}-%"]).fetchall()
    return [dict(zip(_NAMES, row, strict=True)) for row in found]


def lanes(database_url: str, port: str) -> dict[str, str]:
    """An open lane of each route."""
    with psycopg.connect(database_url) as connection:
        return dict(
            connection.execute(
                "SELECT route, min(code) FROM lanes_lane WHERE port_id = %s AND state = 'open'"
                " GROUP BY route",
                [port],
            ).fetchall()
        )
