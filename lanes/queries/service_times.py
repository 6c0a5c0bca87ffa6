"""How long a booth takes for a truck, measured from the passages."""

import threading
import time

from django.db import connection

# So many of a lane's last trucks of the last hour are looked at; fewer than that of them that were
# waiting give no measurement, and the lane's own `service_seconds` counts.
TRUCKS, FEWEST = 30, 5
# A gap so many times longer than expected is a booth that nobody sat in.
PAUSE = 10
KEPT_SECONDS = 10.0

# A truck that had its lane before the one ahead of it was through was waiting: the time between the
# two is what the booth took for it. A truck that came to an empty lane says nothing.
_SERVICE = f"""
SELECT lane_id, avg(gap), count(*) FROM (
    SELECT l.id AS lane_id, s.decided_at, l.service_seconds,
           lag(p.at) OVER w AS before, extract(epoch FROM p.at - lag(p.at) OVER w) AS gap
    FROM lanes_lane l CROSS JOIN LATERAL (
        SELECT arrival_id, at FROM lanes_passage
        WHERE lane_id = l.id AND point = 'lane' AND at > statement_timestamp() - interval '1 hour'
        ORDER BY at DESC LIMIT {TRUCKS + 1}) p
    JOIN lanes_assignment s ON s.arrival_id = p.arrival_id
    WHERE l.port_id = %s
    WINDOW w AS (PARTITION BY l.id ORDER BY p.at)) served
WHERE decided_at < before AND gap > 0 AND gap <= {PAUSE} * service_seconds
GROUP BY lane_id HAVING count(*) >= {FEWEST}
"""  # noqa: S608 (our own numbers)

_kept: dict[str, tuple[float, dict[int, float]]] = {}
_lock = threading.Lock()


def of_port(port_code: str) -> dict[int, float]:
    """Seconds for a truck at each lane's booth that was busy lately, by the lane's id."""
    with _lock:
        read_at, found = _kept.get(port_code, (float("-inf"), {}))
    if time.monotonic() - read_at > KEPT_SECONDS:
        found = measure(port_code)
        with _lock:
            _kept[port_code] = (time.monotonic(), found)
    return found


def measure(port_code: str) -> dict[int, float]:
    """The same, past what is kept. The cost depends on the number of lanes alone."""
    with connection.cursor() as cursor:
        cursor.execute(_SERVICE, [port_code])
        return {row[0]: float(row[1]) for row in cursor.fetchall()}


def forget() -> None:
    with _lock:
        _kept.clear()
