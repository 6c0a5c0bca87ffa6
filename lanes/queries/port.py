"""What changes rarely at a port: lanes, policy, seeds. Kept for a moment in each process.

Nothing here may make a truck fast by being old: the committing statement looks again at the lane,
and a policy takes effect at an instant that is part of what is kept.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import structlog
from django.conf import settings
from django.db import connection

from lanes import draws
from lanes.models import Lane, Port, Route
from lanes.queries import service_times, waits
from lanes.queries.overrides import LANE_ID, ROUTE, STANDING
from lanes.rules import Policy
from lanes.rules.facts import BundleFacts, LaneFacts
from lanes.rules.lane_choice import expected_wait

log = structlog.get_logger(__name__)
KEPT_SECONDS = 1.0
# Queues are counted anew so often that it takes this share of a process's time at most, those of
# all its ports together; in between it adds the trucks that it sends there itself. A lane that
# closed makes a doubt, and that counts anew.
COUNTING_SHARE, COUNTED_AT_MOST_S = 0.02, 10.0


@dataclass
class _Kept:
    read_at: float
    lanes: tuple[LaneFacts, ...]
    policy: Policy
    shifts: tuple[tuple[float, float, bytes | None], ...]
    bundle: BundleFacts | None
    counted_until: float
    # By lane and route.
    sent: Counter[tuple[int, str]] = field(default_factory=Counter)


_kept: dict[str, _Kept] = {}
_known: set[str] = set()
_lock = threading.Lock()

# A truck is in the queue of the lane that it is sent to, from its assignment until it passes the
# booth, an hour at most. By the statement's clock: `clock_timestamp()` may change from row to row,
# so that no index can be asked with it, and every decision of the port's past would be read.
_LANES = f"""
WITH coming AS (
    SELECT {LANE_ID} AS lane_id, {ROUTE} AS route
    FROM (SELECT arrival_id AS id FROM lanes_assignment d
          WHERE d.port_id = %s AND d.decided_at > statement_timestamp() - interval '1 hour'
            AND NOT EXISTS (SELECT 1 FROM lanes_passage p WHERE p.arrival_id = d.arrival_id
                            AND p.point IN ('lane', 'exam', 'exit'))) a {STANDING}
), queues AS (
    SELECT lane_id, count(*) AS trucks, count(*) FILTER (WHERE route = 'fast') AS fast
    FROM coming GROUP BY lane_id
)
SELECT l.id, l.code, l.route, l.group, l.state = 'open', l.directions, l.load,
       coalesce(q.trucks, 0), l.service_seconds, coalesce(q.fast, 0)
FROM lanes_lane l LEFT JOIN queues q ON q.lane_id = l.id WHERE l.port_id = %s ORDER BY l.code
"""  # noqa: S608 (our own text)

# The shift of now, the one before for trucks that are still waiting, and the one that comes next.
_POLICY_AND_SHIFTS = """
SELECT one.code, p.version, p.body, (
    SELECT coalesce(jsonb_agg(jsonb_build_array(
        extract(epoch FROM s.starts_at)::bigint, extract(epoch FROM s.ends_at)::bigint,
        s.sealed_part, s.part_file, encode(s.commitment, 'hex'))), '[]')
    FROM lanes_shift s WHERE s.port_id = one.code AND s.seed IS NULL
      AND s.starts_at > clock_timestamp() - interval '25 hours'
      AND s.starts_at < clock_timestamp() + interval '1 minute'
      AND s.ends_at > clock_timestamp() - interval '10 minutes'),
    b.seq, extract(epoch FROM b.expires_at)
FROM unnest(%s::varchar[]) one(code) LEFT JOIN LATERAL (
    SELECT version, body FROM lanes_policy
    WHERE port_id = one.code AND effective_from <= clock_timestamp()
    ORDER BY effective_from DESC, version DESC LIMIT 1) p ON true
LEFT JOIN lanes_heldbundle b ON b.port_code = one.code
"""


def count_lanes(port_code: str) -> tuple[LaneFacts, ...]:
    """The port's lanes as they are now, past what is kept: queues counted, booths measured."""
    measured = service_times.of_port(port_code)
    with connection.cursor() as cursor:
        cursor.execute(_LANES, [port_code, port_code])
        return tuple(
            LaneFacts(
                *(pk, code, route, group, is_open, tuple(ways), load, queue),
                service_seconds=measured.get(pk, usual),
                fast_queue=fast,
            )
            for pk, code, route, group, is_open, ways, load, queue, usual, fast in cursor.fetchall()
        )


def _read(port_codes: list[str], counted: Mapping[str, _Kept]) -> dict[str, _Kept]:
    """What ports are now; their queues as they were `counted` where that is good still.

    One that cannot be read, such as for a policy that nobody understands, is left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(_POLICY_AND_SHIFTS, [port_codes])
        rows = cursor.fetchall()
    found = {}
    for row in rows:
        try:
            found[row[0]] = _port(row, counted.get(row[0]))
        except Exception:
            # The trucks of the other ports are decided all the same.
            log.exception("port_unreadable", port=row[0])
    return found


def _port(row: tuple[Any, ...], counted: _Kept | None) -> _Kept:
    port_code, version, body, shifts, seq, expires_at = row
    if counted is None or counted.counted_until < time.monotonic():
        began = time.monotonic()
        lanes, sent = count_lanes(port_code), Counter[tuple[int, str]]()
        spent = (time.monotonic() - began) * max(1, len(_kept))
        counted_until = began + min(spent / COUNTING_SHARE, COUNTED_AT_MOST_S)
    else:
        lanes, sent, counted_until = counted.lanes, counted.sent, counted.counted_until
    # A port without a policy draws every truck: nothing is fast by default.
    policy = Policy.from_json(version or 0, _json(body) or {"sampling_by_tier": {}})
    bundle = None if seq is None else BundleFacts(seq, float(expires_at))
    if bundle is None and settings.EDGE_HEADQUARTERS:
        bundle = BundleFacts(0, 0.0)  # an edge that was told nothing yet
    opened = _opened(port_code, _json(shifts))
    return _Kept(time.monotonic(), lanes, policy, opened, bundle, counted_until, sent)


def _json(value: Any) -> Any:
    """Django's cursors give jsonb as text."""
    return json.loads(value) if isinstance(value, str) else value


def _opened(
    port_code: str, shifts: list[tuple[int, int, str, str, str]]
) -> tuple[tuple[float, float, bytes | None], ...]:
    found = []
    for starts_at, ends_at, sealed_part, part_file, committed in shifts:
        try:
            seed = draws.open_seed(port_code, starts_at, sealed_part, part_file, committed)
        except draws.SeedUnavailable as error:
            log.error("seed_unavailable", port=port_code, shift=starts_at, error=str(error))
            seed = None
        found.append((float(starts_at), float(ends_at), seed))
    return tuple(found)


def _current(port_code: str) -> _Kept:
    with _lock:
        _refresh([port_code])
        return _kept[port_code]


def read_ports(port_codes: Collection[str]) -> set[str]:
    """Read those of these ports anew that were read too long ago; one query for all of them.

    Those that could be read.
    """
    with _lock:
        _refresh(port_codes)
        return {code for code in port_codes if code in _kept}


def _refresh(port_codes: Iterable[str]) -> None:
    since = time.monotonic() - KEPT_SECONDS
    old = [code for code in port_codes if code not in _kept or _kept[code].read_at < since]
    if old:
        fresh = _read(old, _kept)
        for code in old:
            _kept.pop(code, None)
        _kept.update(fresh)


def forget(port_code: str | None = None) -> None:
    """Read the port anew at the next question; all ports when none is named."""
    with _lock:
        if port_code is None:
            _kept.clear()
            _known.clear()
            service_times.forget()
            waits.forget()
        else:
            _kept.pop(port_code, None)


def policy_in_force(port_code: str) -> Policy:
    """The policy by which the port decides now."""
    return _current(port_code).policy


def bundle_held(port_code: str) -> BundleFacts | None:
    """What an edge holds of headquarters; None where there is no edge."""
    return _current(port_code).bundle


def seed_at(port_code: str, at: float) -> bytes | None:
    """The seed of the shift around an instant; None where there is none or it cannot be opened."""
    for starts_at, ends_at, seed in _current(port_code).shifts:
        if starts_at <= at < ends_at:
            return seed
    return None


def forget_seeds(port_code: str) -> None:
    """Read the seeds anew; what was sent to the lanes stays counted."""
    with _lock:
        if kept := _kept.get(port_code):
            counted = {port_code: replace(kept, counted_until=float("inf"))}
            fresh = _read([port_code], counted)[port_code]
            fresh.counted_until, fresh.read_at = kept.counted_until, kept.read_at
            _kept[port_code] = fresh


def lanes_of(port_code: str) -> tuple[LaneFacts, ...]:
    """The port's lanes, with the trucks that this process sent there since they were counted."""
    kept = _current(port_code)
    if not kept.sent:
        return kept.lanes
    return tuple(_with_sent(lane, kept.sent) for lane in kept.lanes)


def _with_sent(lane: LaneFacts, sent: Counter[tuple[int, str]]) -> LaneFacts:
    fast, others = sent[lane.id, Route.FAST], sent[lane.id, Route.INSPECTION]
    return lane.longer(fast, fast=True).longer(others, fast=False)


def note_sent(port_code: str, lane_id: int | None, route: str) -> None:
    """Count a truck that is being sent to a lane, until the lanes are counted again."""
    kept = _kept.get(port_code)
    if kept is not None and lane_id is not None:
        kept.sent[lane_id, route] += 1


def lane_board(port_code: str) -> list[Lane]:
    """The port's lanes in the order of their codes, with `queue` and `expected_wait_seconds`.

    `service_seconds` is the measured time at the booth where there is one. Not to be saved.
    """
    counted = {lane.id: lane for lane in lanes_of(port_code)}
    lanes = []
    for lane in Lane.objects.filter(port_id=port_code).order_by("code"):
        if facts := counted.get(lane.pk):
            lane.queue = facts.queue  # type: ignore[attr-defined]
            lane.expected_wait_seconds = expected_wait(facts)  # type: ignore[attr-defined]
            lane.service_seconds = facts.service_seconds
            lanes.append(lane)
    return lanes


def known_port(port_code: str) -> bool:
    """Whether there is such a port. No port is ever removed, so that a known one stays known."""
    if port_code not in _known and Port.objects.filter(pk=port_code).exists():
        _known.add(port_code)
    return port_code in _known
