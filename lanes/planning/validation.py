"""Whether the simulator may be believed: exact values, balance, and a published result's direction.

The comparison with simpy is in `yardstick`: simpy is no part of the product.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from lanes.planning.simulator import Scenario, simulate
from lanes.planning.simulator.booths import FAST, STANDARD, Plaza, Trucks, serve
from lanes.planning.simulator.day import Lived, live
from lanes.planning.simulator.estimate import Estimate, estimate
from lanes.planning.simulator.hours import DAY, HORIZON, HOUR, Grid, Shift
from lanes.planning.simulator.service_time import ServiceTime
from lanes.rules.facts import LaneFacts
from lanes.rules.policy import Policy

# Arrivals an hour, seconds of service, booths.
TEXTBOOK = ((320, 90, 10), (350, 90, 10), (118, 27, 4), (60, 120, 3))
WARM_UP = 4 * HOUR


@dataclass(frozen=True, slots=True)
class Check:
    """`expected` and `found` as a planner reads them; `held` is the verdict."""

    name: str
    expected: str
    found: str
    held: bool


def erlang(arrivals: float, seconds: float, servers: int) -> tuple[float, float]:
    """P(wait) and the mean wait in minutes of an M/M/c queue (Erlang C)."""
    load = arrivals * seconds / HOUR
    blocked = 1.0
    for server in range(1, servers + 1):
        blocked = load * blocked / (server + load * blocked)
    use = load / servers
    wait = blocked / (1 - use + use * blocked)
    return wait, wait * seconds / (servers * (1 - use)) / 60


def checks(*, seed: int = 1, replications: int = 200) -> Iterator[Check]:
    """All checks that need nothing but the simulator itself."""
    for arrivals, seconds, servers in TEXTBOOK:
        yield from textbook(arrivals, seconds, servers, seed=seed, replications=replications)
    yield from ahead_of_the_others(seed=seed, replications=replications)
    yield from balance(seed=seed)
    yield from pacific_highway(seed=seed)


def textbook(
    arrivals: float, seconds: float, servers: int, *, seed: int, replications: int
) -> Iterator[Check]:
    """M/M/c through the booths' own engine: one common line, always open, from empty."""
    chance = np.random.default_rng([seed, servers])
    count = int(arrivals * HORIZON / HOUR)
    shape = (replications, count)
    come = np.cumsum(chance.exponential(HOUR / arrivals, shape), axis=1)
    lanes = tuple(
        LaneFacts(n, f"{n:02d}", "inspection", "", True, ("northbound",), "any", 0, seconds)
        for n in range(servers)
    )
    trucks = Trucks(
        come,
        np.full(shape, STANDARD),
        chance.exponential(seconds, shape),
        np.zeros(shape, dtype=bool),
    )
    served = serve(Plaza(lanes, Grid.always(servers), 1, "dedicated"), trucks)
    counted = (come > WARM_UP) & (come < HORIZON - HOUR)
    wait = np.where(counted, served.begun - come, np.nan)
    chance_of, mean = erlang(arrivals, seconds, servers)
    name = f"M/M/{servers}, {arrivals:g} an hour, {seconds:g} s"
    waited = np.where(counted, wait > 0, np.nan)
    for what, exact, found in (
        ("P(wait)", chance_of, estimate(np.nanmean(waited, axis=1))),
        ("mean wait, min", mean, estimate(np.nanmean(wait, axis=1) / 60)),
    ):
        yield Check(f"{name}: {what}", f"{exact:.6f}", interval(found, 6), found.holds(exact))


def ahead_of_the_others(*, seed: int, replications: int) -> Iterator[Check]:
    """One booth, 20 fast and 20 other trucks an hour, a minute each: Cobham's waits, not FCFS."""
    chance = np.random.default_rng([seed, 99])
    seconds, each = 60.0, 20.0
    shape = (replications, int(2 * each * HORIZON / HOUR))
    come = np.cumsum(chance.exponential(HOUR / (2 * each), shape), axis=1)
    kind = np.where(chance.random(shape) < 0.5, FAST, STANDARD)
    trucks = Trucks(come, kind, chance.exponential(seconds, shape), np.zeros(shape, dtype=bool))
    lane = LaneFacts(1, "01", "inspection", "", True, ("northbound",), "any", 0, seconds)
    served = serve(Plaza((lane,), Grid.always(1), 500, "priority"), trucks)
    counted = (come > WARM_UP) & (come < HORIZON - HOUR)
    share = each * seconds / HOUR
    residual = 2 * share * seconds
    for name, which, exact in (
        ("fast", FAST, residual / (1 - share)),
        ("others", STANDARD, residual / ((1 - share) * (1 - 2 * share))),
    ):
        wait = np.where(counted & (kind == which), served.begun - come, np.nan)
        found = estimate(np.nanmean(wait, axis=1) / 60)
        yield Check(
            f"M/M/1 with priority: mean wait of {name}, min",
            f"{exact / 60:.6f}",
            interval(found, 6),
            found.holds(exact / 60),
        )


def interval(found: Estimate, digits: int = 2) -> str:
    if found.mean is None or found.low is None or found.high is None:
        return "–"
    return f"{found.mean:.{digits}f} [{found.low:.{digits}f}, {found.high:.{digits}f}]"


BUSY = Scenario(
    trucks=7_500,
    shifts=(
        Shift(7, 15, fast=2, standard=9, nii=7, docks=30, partner=20),
        Shift(15, 24, fast=4, standard=10, nii=8, docks=40, partner=20),
    ),
    partner="before",
    referred=0.25,
    replications=10,
)


def balance(*, seed: int = 1, scenario: Scenario = BUSY) -> Iterator[Check]:
    """Nothing is lost, nothing is made, no place serves two at once, and Little's law."""
    seeds = np.random.SeedSequence(seed).spawn(scenario.replications)
    lived = live(scenario, seeds)
    came = np.isfinite(lived.day.arrival)
    out = np.isfinite(lived.left)
    inside = came & ~out
    yield Check(
        "trucks that came = trucks that left + trucks still there",
        str(int(came.sum())),
        f"{int(out.sum())} + {int(inside.sum())}",
        bool((out <= came).all() and came.sum() == out.sum() + inside.sum()),
    )
    asked = lived.day.sent & ~lived.day.partner & (scenario.method == "nii")
    scanned = int(np.isfinite(lived.nii_begun).sum())
    yield Check(
        "trucks sent to the scan = trucks scanned + trucks still on their way",
        str(int(asked.sum())),
        f"{scanned} + {int((asked & ~np.isfinite(lived.nii_begun)).sum())}",
        bool((np.isfinite(lived.nii_begun) <= asked).all()),
    )
    twice = _overlaps(lived)
    yield Check("trucks served at a booth while it served another", "0", str(twice), twice == 0)
    order = _out_of_order(lived)
    yield Check("steps of a truck's way that end before they begin", "0", str(order), order == 0)
    from_queue, from_waits = _little(lived)
    off = abs(from_queue - from_waits) / from_waits
    yield Check(
        "Little's law: trucks in line, from counting and from waits",
        f"{from_waits:.4f}",
        f"{from_queue:.4f}",
        off < 0.01,
    )


def _overlaps(lived: Lived) -> int:
    found = 0
    for day in range(len(lived.due)):
        for lane in range(int(lived.booth.lane.max()) + 1):
            here = (lived.booth.lane[day] == lane) & np.isfinite(lived.booth.begun[day])
            begun, ended = lived.booth.begun[day][here], lived.booth_left[day][here]
            order = np.argsort(begun, kind="stable")
            found += int((begun[order][1:] < ended[order][:-1] - 1e-6).sum())
    return found


def _out_of_order(lived: Lived) -> int:
    booth = lived.booth
    steps = (lived.day.arrival, lived.due, booth.entered, booth.begun, lived.booth_left, lived.left)
    pairs = pairwise(steps)
    # A comparison with nan, of a step that never came, is false.
    return sum(int((np.isfinite(late) & (late < early - 1e-6)).sum()) for early, late in pairs)


def _little(lived: Lived) -> tuple[float, float]:
    """Trucks in line on average over all days: counted every minute, and from all waits."""
    ends = np.where(np.isfinite(lived.booth.begun), lived.booth.begun, HORIZON)
    due = np.where(np.isfinite(lived.due), lived.due, np.inf)
    ends = np.maximum(ends, np.where(np.isfinite(due), due, 0))
    minutes = np.arange(30.0, DAY, 60.0)
    counted = np.mean(
        [
            np.searchsorted(np.sort(d), minutes, side="right")
            - np.searchsorted(np.sort(np.where(np.isfinite(d), e, np.inf)), minutes, side="right")
            for d, e in zip(due, ends, strict=True)
        ]
    )
    clipped = np.minimum(ends, DAY) - np.minimum(due, DAY)
    waits = float(np.where(np.isfinite(due), clipped, 0.0).sum() / DAY / len(due))
    return float(counted), waits


# The crossing of Washington State as published: 22.5% eligible, a FAST lane that stood idle. Three
# booths and the number of trucks are assumptions; the direction is what is compared.
PACIFIC_HIGHWAY = Scenario(
    trucks=1_000,
    day_variation=0.05,
    hours=(0,) * 8 + (6, 7, 8, 8, 8, 7, 7, 6, 5, 4, 3, 2, 0, 0, 0, 0),
    empty=0.0,
    enrolled=0.225,
    tiers=(0, 0, 1),
    papers_wrong=0.0,
    shifts=(Shift(8, 24, fast=1, standard=2, nii=4, docks=10),),
    storage=1,
    fast_approach="own",
    policy=Policy(0, sampling_by_tier={"1": 0.0, "2": 0.0, "3": 0.0}),
    replications=100,
)
PACIFIC_TIMES = replace(
    PACIFIC_HIGHWAY.times, fast=ServiceTime(40.0, 0.5), standard=ServiceTime(80.0, 0.6)
)


def pacific_highway(*, seed: int = 1) -> Iterator[Check]:
    """Opening the idle FAST lane cuts the overall wait and raises FAST's; the queue-jump gives
    some of it back."""
    runs = {
        lane_policy: simulate(
            replace(
                PACIFIC_HIGHWAY,
                seed=seed,
                times=PACIFIC_TIMES,
                shifts=shifts,
                policy=replace(PACIFIC_HIGHWAY.policy, lane_policy=lane_policy),
            )
        )
        for lane_policy, shifts in (
            ("dedicated", PACIFIC_HIGHWAY.shifts),
            ("open", PACIFIC_HIGHWAY.shifts),
            # The final design shares all booths and lets FAST go ahead.
            ("priority", (replace(PACIFIC_HIGHWAY.shifts[0], fast=0, standard=3),)),
        )
    }
    for name, one, other, measure, falls in (
        ("opening the idle FAST lane cuts the overall wait", "open", "dedicated", "wait", True),
        ("opening it raises FAST's wait", "open", "dedicated", "wait_fast", False),
        ("the queue-jump gives some of FAST's wait back", "priority", "open", "wait_fast", True),
        ("with the queue-jump the overall wait stays cut", "priority", "dedicated", "wait", True),
    ):
        before, after = runs[other].estimate(measure), runs[one].estimate(measure)
        change = runs[one].against(runs[other], measure)
        sure = change.high is not None and change.low is not None
        held = sure and (change.high < 0 if falls else change.low > 0)  # type: ignore[operator]
        yield Check(
            f"Pacific Highway: {name}",
            "less" if falls else "more",
            f"{before.mean:.2f} → {after.mean:.2f} min, difference {interval(change)}",
            bool(held),
        )
