"""`manage.py bench simulate`: our days against the same days in simpy, in one run."""

import resource
import time
from collections.abc import Iterator

import numpy as np
from django.core.management.base import CommandError

from lanes.planning.simulator import Scenario, simulate, traffic
from lanes.planning.simulator.booths import Trucks, serve
from lanes.planning.simulator.day import plaza
from trustedtruck.core.bench import Result

TRUCKS, DAYS = 8_000, 100
ROUNDS = 3


def measured_against_simpy() -> Iterator[Result]:
    """The booths of a day of 8,000 trucks, then whole runs with every measure."""
    try:
        from lanes.planning.yardstick import simpy_begun
    except ImportError:
        raise CommandError("bench simulate needs requirements-dev.txt (simpy)") from None
    scenario = Scenario(trucks=TRUCKS, day_variation=0.0)
    day = traffic.days(scenario, np.random.SeedSequence(1).spawn(DAYS))
    trucks = Trucks(day.arrival, day.kind, day.service, np.zeros(day.kind.shape, dtype=bool))
    here = plaza(scenario)
    # In turns, and the best of each: the round that nobody disturbed.
    ours, theirs = [], []
    for number in range(ROUNDS):
        started = time.perf_counter()
        begun = serve(here, trucks).begun
        ours.append((time.perf_counter() - started) / DAYS)
        started = time.perf_counter()
        other = simpy_begun(here, trucks, number)
        theirs.append(time.perf_counter() - started)
        off = float(np.nanmax(np.abs(begun[number] - other)))
        yield Result(f"round {number + 1}: largest difference of a wait", off, "s", 1e-6, False)
    yield Result("a day in simpy", 1000 * min(theirs), "ms")
    yield Result("a day of ours, of 100 at once", 1000 * min(ours), "ms")
    yield Result("our days against simpy's", min(theirs) / min(ours), "times", 10)
    before = _memory()
    started = time.perf_counter()
    simulate(Scenario(trucks=TRUCKS, replications=DAYS))
    yield Result("100 whole days, every measure", time.perf_counter() - started, "s")
    first = _memory()
    simulate(Scenario(trucks=TRUCKS, replications=4 * DAYS))
    yield Result("peak memory of 100 days", first - before, "MB above the start")
    yield Result("more of it for 400 days", _memory() - first, "MB", 40, False)


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


PARTS = {"simulate": measured_against_simpy}
