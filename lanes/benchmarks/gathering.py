"""What it costs to gather the facts of 64 arrivals of the demonstration, and of one of them."""

import json
import random
from collections.abc import Iterator
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
from lanes.queries.facts import gather_facts
from lanes.queries.work import Claimed
from lanes.services.receive import receive
from trustedtruck.accounts.models import Device
from trustedtruck.core.bench import EFFORT, Effort, Result, seconds
from trustedtruck.core.fields import instant
from trustedtruck.core.ids import uuid7

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
    one = min(seconds(lambda: gather_facts(arrivals[:1]), 5) for _ in range(20))
    many = min(seconds(lambda: gather_facts(arrivals), 2) for _ in range(20))
    yield Result("gathering for one", 1000 * one, "ms")
    yield Result("gathering for 64", 1000 * many, "ms")
    yield Result("gathering for 64 against one", many / one, "times", 3, False)
    yield from growth(arrivals, WORLD_TRADE)


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
