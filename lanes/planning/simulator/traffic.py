"""The trucks of a simulated day, and what the product's own decision says of each.

The decision is a function of a truck's facts, the policy and its draw. Trucks of one profile share
their facts, so the rules are asked once a profile and the sampling rate of the profile is the rate
that `lanes.rules.sampling` gives for it; each truck then has a draw of its own.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lanes.benchmarks.trucks import flawed, trusted
from lanes.planning.simulator.booths import EMPTY, FAST, STANDARD
from lanes.planning.simulator.hours import HOUR
from lanes.planning.simulator.scenario import Scenario
from lanes.rules import Facts, Policy, decide
from lanes.rules.decision import TRUSTED
from lanes.rules.sampling import SAMPLING

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Profile:
    """Trucks that are alike to the rules. `share` is their part of the laden trucks."""

    name: str
    facts: Facts
    share: float


def profiles(scenario: Scenario) -> Iterator[Profile]:
    """Enrolled trucks by tier, with papers in order or not, and trucks that nobody knows."""
    whole = sum(scenario.tiers) or 1.0
    for tier, weight in enumerate(scenario.tiers, start=1):
        share = scenario.enrolled * weight / whole
        facts = flawed(trusted(), {"carrier": {"tier": tier}})
        wrong = flawed(facts, {"seen": {"seals": ("OTHER",)}})
        yield Profile(f"tier {tier}", facts, share * (1 - scenario.papers_wrong))
        yield Profile(f"tier {tier}, papers wrong", wrong, share * scenario.papers_wrong)
    nobody = {"truck": None, "carrier": None, "truck_credential": None, "presented": ()}
    yield Profile("not enrolled", flawed(trusted(), nobody), 1 - scenario.enrolled)


def inspection_rate(facts: Facts, policy: Policy) -> float:
    """Below this draw the product inspects such a truck; 1 where a rule stands against it.

    A campaign of the policy counts as running on the simulated day.
    """
    running = tuple(replace(c, begins_at=-math.inf, ends_at=None) for c in policy.campaigns)
    policy = replace(policy, campaigns=running)
    # A draw of 0 is a hit wherever there is any rate at all, so what is left are the rules.
    if set(decide(facts, policy, 0.0).reasons) - _NO_RULES:
        return 1.0
    return max(rule.rate(facts, policy) for rule in SAMPLING)


_NO_RULES = frozenset({rule.code for rule in SAMPLING} | {TRUSTED})


@dataclass(frozen=True, slots=True)
class Day:
    """Trucks of so many days, (days, trucks); arrivals in order, infinity where there is none.

    `sent` marks those that an officer sends to secondary, `drawn` those whom the draw or a rule
    took from the fast lane; `partner` those that the other country inspects.
    """

    arrival: Floats
    kind: Whole
    enrolled: Flags
    drawn: Flags
    sent: Flags
    unloaded: Flags
    partner: Flags
    service: Floats
    nii: Floats
    docks: Floats
    partner_time: Floats


def days(scenario: Scenario, seeds: list[np.random.SeedSequence]) -> Day:
    """One day for each seed. The same seed gives the same day, whatever others are run with it."""
    found = [_day(scenario, np.random.default_rng(seed)) for seed in seeds]
    width = max(len(day.arrival) for day in found)
    return Day(
        *(
            np.stack([_filled(getattr(day, name), width, name) for day in found])
            for name in Day.__slots__
        )
    )


def _filled(values: NDArray[np.generic], width: int, name: str) -> NDArray[np.generic]:
    filler = np.inf if name == "arrival" else 0
    return np.pad(values, (0, width - len(values)), constant_values=filler)


def _day(scenario: Scenario, chance: np.random.Generator) -> Day:
    """Common random numbers: whatever the scenario, the same part of the stream decides the same.

    Each part has a stream of its own, and every truck takes its number of each, used or not.
    """
    streams = chance.spawn(10)
    count = _count(scenario, streams[0])
    weights = np.asarray(scenario.hours) / sum(scenario.hours)
    hours = np.searchsorted(np.cumsum(weights), streams[1].random(count), side="right")
    arrival = np.sort((np.minimum(hours, 23) + streams[2].random(count)) * HOUR)
    laden = streams[3].random(count) >= scenario.empty
    found = list(profiles(scenario))
    edges = np.cumsum([profile.share for profile in found])
    which = np.searchsorted(edges[:-1], streams[4].random(count), side="right")
    # The last profile is that of trucks which are not enrolled.
    enrolled = laden & (which < len(found) - 1)
    rate = np.array([inspection_rate(one.facts, scenario.policy) for one in found])[which]
    drawn = enrolled & (streams[5].random(count) < rate)
    kind = np.where(laden, np.where(enrolled & ~drawn, FAST, STANDARD), EMPTY)
    times = scenario.times
    own = {
        FAST: times.fast.draw(streams[6], count),
        STANDARD: times.standard.draw(streams[7], count),
        EMPTY: times.empty.draw(streams[8], count),
    }
    service = np.choose(kind, [own[FAST], own[STANDARD], own[EMPTY]])
    last = streams[9]
    sent = drawn | ((kind != FAST) & (last.random(count) < scenario.referred))
    unloaded = last.random(count) < (1.0 if scenario.method == "docks" else scenario.to_dock)
    partner = laden & (kind != FAST) & (last.random(count) < scenario.partner_share)
    return Day(
        arrival,
        kind.astype(np.int64),
        enrolled,
        drawn,
        sent,
        unloaded,
        partner & (scenario.partner != "none"),
        service,
        times.nii.draw(last, count),
        times.docks.draw(last, count),
        (times.joint if scenario.partner == "joint" else times.partner).draw(last, count),
    )


def _count(scenario: Scenario, chance: np.random.Generator) -> int:
    mean = scenario.trucks * (1 + scenario.growth)
    if scenario.day_variation > 0:
        shape = 1 / scenario.day_variation**2
        mean *= chance.gamma(shape, 1 / shape)
    return max(int(chance.poisson(mean)), 1)
