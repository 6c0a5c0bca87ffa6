"""`manage.py bench decide`: pure decisions against Cedar, and gathering facts from the database."""

import uuid
from collections.abc import Iterator

from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lanes.benchmarks import cedar
from lanes.benchmarks.growth import growth
from lanes.benchmarks.trucks import POLICY, mixed
from lanes.models import Arrival
from lanes.queries.facts import gather_facts
from lanes.queries.work import Claimed
from lanes.rules import decide
from lanes.rules.decision import NO_FAST_LANE, TRUSTED
from trustedtruck.core.bench import Result, compared, seconds

TRUCKS, BATCH = 2_000, 64


def measure() -> Iterator[Result]:
    yield from _pure()
    yield from _gathering()


def _pure() -> Iterator[Result]:
    """Ours includes the choice among 14 lanes; Cedar's requests are parsed to JSON beforehand."""
    try:
        import cedarpy
    except ImportError:
        raise CommandError("bench decide needs requirements-dev.txt (cedarpy)") from None

    trucks = list(mixed(TRUCKS))
    requests = [cedar.request(facts, POLICY, draw) for facts, draw in trucks]
    policies = cedarpy.PolicySet.from_str(cedar.policies())
    entities = cedarpy.Entities.from_json_str("[]")
    batches = [requests[n : n + BATCH] for n in range(0, TRUCKS, BATCH)]

    def theirs() -> list[object]:
        found: list[object] = []
        for batch in batches:
            found += cedarpy.is_authorized_batch(batch, policies, entities)
        return found

    def ours() -> list[object]:
        return [decide(facts, POLICY, draw) for facts, draw in trucks]

    disagree = sum(
        cedar_codes(theirs_one) != our_codes(reasons)
        for theirs_one, reasons in zip(
            theirs(), (decide(f, POLICY, d).reasons for f, d in trucks), strict=True
        )
    )
    yield Result("trucks that Cedar decides otherwise", disagree, "of 2,000", 0, False)
    our_time, their_time = (t / TRUCKS for t in compared(ours, theirs, times=1, rounds=7))
    yield Result("pure decisions", 1 / our_time, "per second and core", 20_000)
    yield Result("Cedar on the same facts", 1 / their_time, "per second and core")
    yield Result("pure decisions against Cedar", their_time / our_time, "times", 3)


def our_codes(reasons: tuple[str, ...]) -> frozenset[str]:
    return frozenset(reasons) - {NO_FAST_LANE, TRUSTED}


def cedar_codes(result: object) -> frozenset[str]:
    """The codes of a Cedar answer; a draw is a reason only where no rule is one."""
    found = frozenset(result.diagnostics.id_annotations_by_reason.values())  # type: ignore[attr-defined]
    found -= {TRUSTED}
    return found if found <= {"drawn_at_random"} else found - {"drawn_at_random"}


def _gathering() -> Iterator[Result]:
    """Facts for one arrival and for a batch, from the newest arrivals of this database."""
    newest = Arrival.objects.order_by("-received_at").first()
    port_code = newest.port_id if newest else ""
    rows = Arrival.objects.filter(port=port_code).order_by("-received_at")[:BATCH]
    arrivals = [_claimed(arrival) for arrival in rows]
    if len(arrivals) < BATCH:
        raise CommandError("bench decide needs 64 arrivals to gather facts for: drive a day first")
    # The fullest first, which is the one that is measured alone.
    arrivals.sort(key=lambda a: (a.qr == "", a.driver_card == "", a.trip_number == ""))
    counts = []
    for batch in (arrivals[:1], arrivals):
        with CaptureQueriesContext(connection) as captured:
            gather_facts(batch, port_code)
        counts.append(len(captured))
    yield Result("queries for 64 more than for one", counts[1] - counts[0], "queries", 0, False)
    yield Result("queries for one", counts[0], "queries")
    one = min(seconds(lambda: gather_facts(arrivals[:1], port_code), 5) for _ in range(8))
    many = min(seconds(lambda: gather_facts(arrivals, port_code), 2) for _ in range(8))
    yield Result("gathering for one", 1000 * one, "ms")
    yield Result("gathering for 64", 1000 * many, "ms")
    yield Result("gathering for 64 against one", many / one, "times", 3, False)
    yield from growth(arrivals, port_code)


def _claimed(arrival: Arrival) -> Claimed:
    values = {
        name: getattr(arrival, name) for name in Claimed.__slots__ if name not in ("id", "attempts")
    }
    return Claimed(id=uuid.UUID(str(arrival.pk)), attempts=1, **values)
