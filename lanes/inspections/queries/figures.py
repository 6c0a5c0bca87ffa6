"""The figures of a port over a period: waits, scans, exams, compliance, what was saved.

Waits are measured between the points that the gates report (GAO asked for that): from the approach,
or the arrival where there is no reader, to the booth. All instants are the database's.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from lanes.inspections.queries.record import Rate


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes of so many trucks; None where there is none."""

    n: int
    mean: float | None
    p95: float | None

    @property
    def buffer_index(self) -> float | None:
        """(p95 - mean) / mean: how much longer than usual one must plan for (FHWA)."""
        if not self.mean or self.p95 is None:
            return None
        return (self.p95 - self.mean) / self.mean


@dataclass(frozen=True, slots=True)
class Before:
    """The wait before the programme, mean minutes; None where nobody knows it.

    Measured here: the trucks of the `MEASURED_DAYS` before the port sent the first one to a fast
    lane, `n` of them, who arrived from `start` until `end`. Where these are fewer than
    `MEASURED_FROM` it is the port's setting, and `n` is 0.
    """

    minutes: float | None
    n: int = 0
    p95: float | None = None
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one port and period."""

    arrivals: int
    scanned: int
    inspected: int
    before: Before
    wait_fast: Span
    wait_others: Span
    to_image: Span
    to_verdict: Span
    exam: Span
    stay: Span
    compliance: dict[tuple[str, str], Rate]
    avoided: int
    hours_saved: float
    cost_saved_usd: float


_MINUTES = "count(*), avg(m), percentile_cont(0.95) WITHIN GROUP (ORDER BY m)"
_WAITS = f"""
WITH waits AS (
    SELECT s.route, extract(epoch FROM booth.at - coalesce(approach.at, a.received_at)) / 60 AS m
    FROM lanes_arrival a JOIN lanes_assignment s ON s.arrival_id = a.id
    CROSS JOIN LATERAL (
        SELECT min(p.received_at) AS at FROM lanes_passage p
        WHERE p.arrival_id = a.id AND p.point IN ('primary', 'lane')) booth
    CROSS JOIN LATERAL (
        SELECT min(p.received_at) AS at FROM lanes_passage p
        WHERE p.arrival_id = a.id AND p.point = 'approach') approach
    WHERE a.port_id = %s AND a.received_at >= %s AND a.received_at < %s AND booth.at IS NOT NULL
)
SELECT route, {_MINUTES} FROM waits GROUP BY route
"""  # noqa: S608 (our own text)

MEASURED_DAYS, MEASURED_FROM = 90, 100
_BEFORE = f"""
WITH began AS (
    SELECT coalesce((SELECT f.received_at FROM lanes_assignment s
                     JOIN lanes_arrival f ON f.id = s.arrival_id
                     WHERE s.port_id = %s AND s.route = 'fast'
                     ORDER BY s.decided_at LIMIT 1), %s) AS at
), waits AS (
    SELECT a.received_at,
           extract(epoch FROM booth.at - coalesce(approach.at, a.received_at)) / 60 AS m
    FROM began b JOIN lanes_arrival a ON a.port_id = %s
        AND a.received_at >= b.at - make_interval(days => %s) AND a.received_at < b.at
    CROSS JOIN LATERAL (
        SELECT min(p.received_at) AS at FROM lanes_passage p
        WHERE p.arrival_id = a.id AND p.point IN ('primary', 'lane')) booth
    CROSS JOIN LATERAL (
        SELECT min(p.received_at) AS at FROM lanes_passage p
        WHERE p.arrival_id = a.id AND p.point = 'approach') approach
    WHERE booth.at IS NOT NULL
)
SELECT {_MINUTES}, min(received_at), max(received_at) FROM waits
"""  # noqa: S608 (our own text)

_COUNTS = """
SELECT count(*), count(*) FILTER (WHERE EXISTS (
           SELECT 1 FROM inspections_scan c JOIN inspections_inspection i ON i.id = c.inspection_id
           WHERE i.assignment_id = a.id)),
       count(*) FILTER (WHERE EXISTS (
           SELECT 1 FROM inspections_inspection i WHERE i.assignment_id = a.id AND i.result <> ''))
FROM lanes_arrival a WHERE a.port_id = %s AND a.received_at >= %s AND a.received_at < %s
"""

_SPANS = f"""
WITH mine AS (
    SELECT i.*, a.received_at FROM inspections_inspection i
    JOIN lanes_arrival a ON a.id = i.assignment_id
    WHERE i.port_id = %s AND a.received_at >= %s AND a.received_at < %s
), spans AS (
    SELECT 'to_image' AS what, extract(epoch FROM min(g.received_at) - m.received_at) / 60 AS m
    FROM mine m JOIN inspections_scan c ON c.inspection_id = m.id
    JOIN inspections_scanimage g ON g.scan_id = c.id AND g.received_at IS NOT NULL
    GROUP BY m.id, m.received_at
    UNION ALL
    SELECT 'to_verdict', extract(epoch FROM min(v.given_at) - m.received_at) / 60
    FROM mine m JOIN inspections_scan c ON c.inspection_id = m.id
    JOIN inspections_verdict v ON v.scan_id = c.id AND v.final
    GROUP BY m.id, m.received_at
    UNION ALL
    SELECT 'exam', extract(epoch FROM e.submitted_at - e.opened_at) / 60
    FROM mine m JOIN inspections_exam e ON e.inspection_id = m.id AND e.submitted_at IS NOT NULL
    UNION ALL
    SELECT 'stay', extract(epoch FROM m.closed_at - m.appeared_at) / 60
    FROM mine m WHERE m.closed_at IS NOT NULL AND m.appeared_at IS NOT NULL
)
SELECT what, {_MINUTES} FROM spans GROUP BY what
"""  # noqa: S608 (our own text)

_COMPLIANCE = """
SELECT CASE WHEN i.carrier_id IS NULL THEN 'others' ELSE 'participants' END, i.basis,
       count(*) FILTER (WHERE i.result = 'compliant'), count(*)
FROM inspections_inspection i JOIN lanes_arrival a ON a.id = i.assignment_id
WHERE i.port_id = %s AND a.received_at >= %s AND a.received_at < %s
  AND i.result <> '' AND i.basis <> 'other'
GROUP BY 1, 2
"""

_AVOIDED = """
SELECT count(*) FROM inspections_jointinspection j
JOIN inspections_inspection i ON i.id = j.inspection_id
JOIN lanes_arrival a ON a.id = i.assignment_id
WHERE i.port_id = %s AND a.received_at >= %s AND a.received_at < %s
  AND j.state = 'agreed' AND j.result = 'release' AND i.state = 'released'
"""

# Hours that fast trucks waited less than before, and the declared value that did not stand still.
_SAVED = """
WITH fast AS (
    SELECT greatest(0, %s / 60.0 - extract(
               epoch FROM booth.at - coalesce(approach.at, a.received_at)) / 3600) AS hours,
           (s.facts->'trip'->>'id')::bigint AS trip
    FROM lanes_arrival a JOIN lanes_assignment s ON s.arrival_id = a.id AND s.route = 'fast'
    CROSS JOIN LATERAL (
        SELECT min(p.received_at) AS at FROM lanes_passage p
        WHERE p.arrival_id = a.id AND p.point IN ('primary', 'lane')) booth
    CROSS JOIN LATERAL (
        SELECT min(p.received_at) AS at FROM lanes_passage p
        WHERE p.arrival_id = a.id AND p.point = 'approach') approach
    WHERE a.port_id = %s AND a.received_at >= %s AND a.received_at < %s AND booth.at IS NOT NULL
)
SELECT coalesce(sum(f.hours), 0), coalesce(sum(f.hours * v.value), 0)
FROM fast f LEFT JOIN LATERAL (
    SELECT sum(c.value_usd) AS value FROM manifests_shipment h
    JOIN manifests_commodity c ON c.shipment_id = h.id WHERE h.trip_id = f.trip) v ON true
"""


def figures(port_code: str, start: datetime, end: datetime) -> Figures:
    """Arrivals from `start` until before `end`. Seven queries."""
    period = [port_code, start, end]
    before = before_programme(port_code, end)
    waits = _spans(_WAITS, period)
    spans = _spans(_SPANS, period)
    arrivals, scanned, inspected = _row(_COUNTS, period)
    hours, value_hours = _row(_SAVED, [before.minutes or 0.0, *period])
    none = Span(0, None, None)
    return Figures(
        arrivals=arrivals,
        scanned=scanned,
        inspected=inspected,
        before=before,
        wait_fast=waits.get("fast", none),
        wait_others=waits.get("inspection", none),
        to_image=spans.get("to_image", none),
        to_verdict=spans.get("to_verdict", none),
        exam=spans.get("exam", none),
        stay=spans.get("stay", none),
        compliance={
            (who, basis): Rate(good, n) for who, basis, good, n in _rows(_COMPLIANCE, period)
        },
        avoided=_row(_AVOIDED, period)[0],
        hours_saved=float(hours),
        cost_saved_usd=float(value_hours) * settings.INVENTORY_COST_RATE_PER_HOUR,
    )


def before_programme(port_code: str, now: datetime) -> Before:
    """Measured at the port where it can be, otherwise as it is set. One query."""
    n, mean, p95, start, end = _row(_BEFORE, [port_code, now, port_code, MEASURED_DAYS])
    if n >= MEASURED_FROM:
        return Before(float(mean), n, float(p95), start, end)
    return Before(settings.INSPECTIONS_BASELINE_WAIT_MIN.get(port_code))


def _rows(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _row(sql: str, parameters: list[Any]) -> tuple[Any, ...]:
    return _rows(sql, parameters)[0]


def _spans(sql: str, parameters: list[Any]) -> dict[str, Span]:
    return {what: Span(n, float(mean), float(p95)) for what, n, mean, p95 in _rows(sql, parameters)}
