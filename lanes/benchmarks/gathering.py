"""What it costs to gather the facts of 64 arrivals of the demonstration, and of one of them."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lanes import queries
from lanes.api.serializers import ArrivalSerializer
from lanes.benchmarks.growth import growth
from lanes.demonstration.driving import Traffic
from lanes.demonstration.port import WORLD_TRADE
from lanes.queries import alerts
from lanes.queries.facts import gather_facts
from lanes.queries.work import Claimed
from lanes.services.receive import receive
from trustedtruck.accounts.models import Device
from trustedtruck.alerts import kinds
from trustedtruck.core.bench import EFFORT, Effort, Result, seconds
from trustedtruck.core.fields import instant
from trustedtruck.core.ids import uuid7
from trustedtruck.credentials import genuine

BATCH = 64


def write_results(path: str, *, scale: float) -> None:
    """All results as JSON, for whoever began this process."""
    EFFORT.set(Effort(scale=scale))
    Path(path).write_text(json.dumps([asdict(result) for result in measure()]))


def measure() -> Iterator[Result]:
    arrivals = report()
    counts = []
    for batch in (arrivals[:1], arrivals):
        with CaptureQueriesContext(connection) as captured:
            gather_facts(batch)
        counts.append(len(captured))
    yield Result("queries for 64 more than for one", counts[1] - counts[0], "queries", 0, False)
    yield Result("queries for one", counts[0], "queries")
    yield from _cost(arrivals, "never seen", _forget)
    yield from _cost(arrivals, "seen before", lambda: None)
    yield from growth(arrivals, WORLD_TRADE)


def _cost(arrivals: list[Claimed], which: str, before: Callable[[], object]) -> Iterator[Result]:
    """The best of many rounds. `before` each of them, outside of its time."""

    def best(batch: list[Claimed]) -> float:
        return min(_after(before, lambda: gather_facts(batch)) for _ in range(60))

    one, many = best(arrivals[:1]), best(arrivals)
    yield Result(f"gathering for one, {which}", 1000 * one, "ms")
    yield Result(f"gathering for 64, {which}", 1000 * many, "ms")
    yield Result(f"gathering for 64 against one, {which}", many / one, "times", 3, False)


def _after(before: Callable[[], object], work: Callable[[], object]) -> float:
    before()
    return seconds(work, 1)


def _forget() -> None:
    """As if none of these trucks and drivers had ever been here: their credentials are checked, and
    their names opened and taken apart."""
    genuine.forget()
    alerts.forget()
    kinds.forget()


def report() -> list[Claimed]:
    """So many trucks of a demonstration's day, as the gate reports them; the fullest first."""
    gate = Device.objects.get(port_code=WORLD_TRADE, code="gate-1")
    traffic, reports = Traffic(random.Random(1)), ArrivalSerializer()
    for _truck in range(BATCH):
        fresh = {"event_id": str(uuid7()), "observed_at": instant(timezone.now())}
        body = reports.report_of(traffic.next_with_papers(at_port=()) | fresh)
        receive(report=body, device=gate, arrival_id=uuid7())
    arrivals = queries.claim(WORLD_TRADE, limit=BATCH, lease_ms=3_600_000)
    return sorted(arrivals, key=lambda a: (a.qr == "", a.driver_card == "", a.trip_number == ""))
