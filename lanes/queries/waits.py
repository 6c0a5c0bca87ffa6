"""How long trucks waited and crossed, from the passages, fast trucks apart from the others.

- **wait**: from the approach (R1: the passage `approach`, else when the arrival was observed) to
  the booth (R2: the passage `primary`, else `lane`).
- **crossing**: from the approach to the exit (R3: the passage `exit`).
- **free flow**: the crossing of a truck that nothing keeps, taken as the 5th percentile of the
  newest crossings of a week.
- **delay** = mean crossing - free flow; **buffer time** = 95th percentile - mean;
  **buffer index** = buffer time / mean (FHWA, on freight crossing times, 2001).

A truck counts as fast when it went through a fast lane, else as it was decided. All by the clocks
of the gates.
"""

import threading
import time
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection

WINDOW = timedelta(hours=1)
FREE_FLOW_WINDOW, FREE_FLOW_CROSSINGS, FREE_FLOW_FEWEST = timedelta(days=7), 5_000, 20
FREE_FLOW_PERCENTILE = 0.05
KEPT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of so many trucks. `mean` and `p95` are None where there was no truck."""

    trucks: int
    mean: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class RouteWaits:
    """One route at one port; seconds, None where nothing says."""

    route: str
    wait: Times
    crossing: Times
    free_flow: float | None

    @property
    def delay(self) -> float | None:
        if self.crossing.mean is None or self.free_flow is None:
            return None
        return max(0.0, self.crossing.mean - self.free_flow)

    @property
    def buffer(self) -> float | None:
        if self.crossing.mean is None or self.crossing.p95 is None:
            return None
        # A few trucks very late: the mean may lie above the 95th percentile.
        return max(0.0, self.crossing.p95 - self.crossing.mean)

    @property
    def buffer_index(self) -> float | None:
        return (
            None
            if self.buffer is None or not self.crossing.mean
            else self.buffer / self.crossing.mean
        )


@dataclass(frozen=True, slots=True)
class Waits:
    """A port's last hour: by route (`fast`, then `inspection`), and the waits by the lane's id."""

    routes: tuple[RouteWaits, ...]
    lanes: dict[int, Times]


# The trucks that passed a point in a time, each with its instants at the three readers.
_TRIPS = """
WITH passed AS (
    SELECT DISTINCT p.arrival_id FROM lanes_passage p
    WHERE p.port_id = %(port)s AND p.at > statement_timestamp() - %(window)s * interval '1 second'
      AND p.point IN ('primary', 'lane', 'exit')
), trips AS (
    SELECT coalesce(booth.route, s.route) AS route, booth.lane_id,
           coalesce(r.approach, a.observed_at) AS r1,
           coalesce(r.first_primary, r.first_lane) AS r2, r.left_at AS r3
    FROM passed JOIN lanes_arrival a ON a.id = passed.arrival_id
    JOIN lanes_assignment s ON s.arrival_id = a.id
    CROSS JOIN LATERAL (
        SELECT min(p.at) FILTER (WHERE p.point = 'approach') AS approach,
               min(p.at) FILTER (WHERE p.point = 'primary') AS first_primary,
               min(p.at) FILTER (WHERE p.point = 'lane') AS first_lane,
               max(p.at) FILTER (WHERE p.point = 'exit') AS left_at
        FROM lanes_passage p WHERE p.arrival_id = a.id) r
    LEFT JOIN LATERAL (
        SELECT l.route, l.id AS lane_id FROM lanes_passage p JOIN lanes_lane l ON l.id = p.lane_id
        WHERE p.arrival_id = a.id AND p.point = 'lane' ORDER BY p.at LIMIT 1) booth ON true
), timed AS (
    SELECT route, lane_id,
           CASE WHEN r2 > clock_timestamp() - %(window)s * interval '1 second' AND r2 >= r1
                THEN extract(epoch FROM r2 - r1)::float8 END AS wait,
           CASE WHEN r3 > clock_timestamp() - %(window)s * interval '1 second' AND r3 >= r1
                THEN extract(epoch FROM r3 - r1)::float8 END AS crossing
    FROM trips
)
"""
_FIGURES = """
count(wait), avg(wait), percentile_cont(0.95) WITHIN GROUP (ORDER BY wait),
count(crossing), avg(crossing), percentile_cont(0.95) WITHIN GROUP (ORDER BY crossing)
"""
_WAITS = f"""{_TRIPS}
SELECT route, lane_id, {_FIGURES} FROM timed
GROUP BY GROUPING SETS ((route), (lane_id)) HAVING route IS NOT NULL OR lane_id IS NOT NULL
"""  # noqa: S608 (our own text)

_FREE_FLOW = """
SELECT route, percentile_cont(%(percentile)s) WITHIN GROUP (ORDER BY crossing) FROM (
    SELECT coalesce(booth.route, s.route) AS route,
           extract(epoch FROM e.at - coalesce(ap.at, a.observed_at))::float8 AS crossing
    FROM (SELECT arrival_id, at FROM lanes_passage
          WHERE port_id = %(port)s AND point = 'exit'
            AND at > statement_timestamp() - %(window)s * interval '1 second'
          ORDER BY at DESC LIMIT %(most)s) e
    JOIN lanes_arrival a ON a.id = e.arrival_id
    JOIN lanes_assignment s ON s.arrival_id = a.id
    LEFT JOIN LATERAL (SELECT p.at FROM lanes_passage p
                       WHERE p.arrival_id = a.id AND p.point = 'approach'
                       ORDER BY p.at LIMIT 1) ap ON true
    LEFT JOIN LATERAL (SELECT l.route FROM lanes_passage p JOIN lanes_lane l ON l.id = p.lane_id
                       WHERE p.arrival_id = a.id AND p.point = 'lane'
                       ORDER BY p.at LIMIT 1) booth ON true) crossings
WHERE crossing >= 0 GROUP BY route HAVING count(*) >= %(fewest)s
"""

_kept: dict[str, tuple[float, Waits]] = {}
_lock = threading.Lock()


def waits(port_code: str) -> Waits:
    """The port's last hour, some seconds old at most: this is public and asked often."""
    with _lock:
        kept = _kept.get(port_code)
    if kept is None or time.monotonic() - kept[0] > KEPT_SECONDS:
        kept = time.monotonic(), measure(port_code)
        with _lock:
            _kept[port_code] = kept
    return kept[1]


def measure(port_code: str) -> Waits:
    """The same, past what is kept. The cost grows with the trucks of an hour, not with the past."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITS, {"port": port_code, "window": WINDOW.total_seconds()})
        rows = cursor.fetchall()
        cursor.execute(
            _FREE_FLOW,
            {
                "port": port_code,
                "window": FREE_FLOW_WINDOW.total_seconds(),
                "most": FREE_FLOW_CROSSINGS,
                "fewest": FREE_FLOW_FEWEST,
                "percentile": FREE_FLOW_PERCENTILE,
            },
        )
        free_flow = dict(cursor.fetchall())
    by_route = {row[0]: (Times(*row[2:5]), Times(*row[5:8])) for row in rows if row[0]}
    nobody = Times(0, None, None), Times(0, None, None)
    return Waits(
        tuple(
            RouteWaits(route, *by_route.get(route, nobody), free_flow.get(route))
            for route in ("fast", "inspection")
        ),
        {row[1]: Times(*row[2:5]) for row in rows if row[1]},
    )


def forget() -> None:
    with _lock:
        _kept.clear()
