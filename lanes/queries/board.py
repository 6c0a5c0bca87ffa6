"""What a port's board shows: trucks on their way to a booth, the newest arrivals, alarms."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from lanes.models import Alarm
from lanes.queries.overrides import LANE_ID, STANDING
from trustedtruck.audit.tail import Execute


@dataclass(frozen=True, slots=True)
class Row:
    """One arrival as a line of the board; `passed` once it went through its booth.

    Everything from `route` on is empty or None while it waits for its lane. Route and lane are
    those in force: `override_reason` is what an officer wrote who put them above the decision.
    """

    id: uuid.UUID
    event_id: str
    received_at: datetime
    direction: str
    plate: str
    tag_epc: str
    carrier: str
    route: str
    lane: str
    reasons: tuple[str, ...]
    decided_at: datetime | None
    decided_by: str
    passed: bool
    override_reason: str

    @property
    def name(self) -> str:
        """What the truck is called on the board: its plate, else the end of its tag."""
        return self.plate or self.tag_epc[-8:] or self.event_id[:12]


_COLUMNS = f"""
SELECT a.id, a.event_id, a.received_at, a.direction,
       trim(a.plate_number || ' ' || a.plate_jurisdiction), a.tag_epc, coalesce(c.scac, ''),
       coalesce(o.route, s.route, ''), coalesce(l.code, ''), coalesce(s.reasons, '{{}}'),
       s.decided_at,
       coalesce(s.decided_by, ''),
       EXISTS (SELECT 1 FROM lanes_passage p WHERE p.arrival_id = a.id
               AND p.point IN ('lane', 'exam', 'exit')),
       coalesce(o.reason, '')
FROM lanes_arrival a
{STANDING}
LEFT JOIN lanes_lane l ON l.id = {LANE_ID}
LEFT JOIN carriers_carrier c ON c.id = s.carrier_id
"""  # noqa: S608 (our own text)
_BY_ID = _COLUMNS + "WHERE a.id = ANY(%s)"
_NEWEST = _COLUMNS + "WHERE a.port_id = %s ORDER BY a.received_at DESC LIMIT %s"
# The same trucks that the queues of `queries.port` count.
_IN_LANES = f"""{_COLUMNS}
WHERE s.port_id = %s AND s.decided_at > statement_timestamp() - interval '1 hour'
  AND l.id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM lanes_passage p WHERE p.arrival_id = a.id
                  AND p.point IN ('lane', 'exam', 'exit'))
ORDER BY coalesce(o.route, s.route) <> 'fast', s.decided_at LIMIT %s
"""  # noqa: S608 (our own columns)


def _execute(sql: str, parameters: list[Any]) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def _rows(sql: str, parameters: list[Any], execute: Execute = _execute) -> list[Row]:
    return [row_of(found) for found in execute(sql, parameters)]


def row_of(found: tuple[Any, ...]) -> Row:
    values: list[Any] = list(found)
    values[9] = tuple(values[9])
    return Row(*values)


def by_id(arrival_ids: Iterable[uuid.UUID], execute: Execute = _execute) -> dict[str, Row]:
    """Rows by the text of their ids. Who asks often brings a connection that keeps the plan."""
    return {str(row.id): row for row in _rows(_BY_ID, [list(arrival_ids)], execute)}


def newest(port_code: str, limit: int) -> list[Row]:
    return _rows(_NEWEST, [port_code, limit])


def in_lanes(port_code: str, limit: int = 400) -> dict[str, list[Row]]:
    """The trucks of each lane's queue by the lane's code: fast ones first, then by the decision."""
    found: dict[str, list[Row]] = {}
    for row in _rows(_IN_LANES, [port_code, limit]):
        found.setdefault(row.lane, []).append(row)
    return found


def open_alarms(port_code: str) -> list[Alarm]:
    rows = Alarm.objects.filter(port_id=port_code, closed_at__isnull=True)
    return list(rows.select_related("arrival").order_by("-at")[:50])
