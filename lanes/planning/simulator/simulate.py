"""Many days of a scenario, a part at a time: memory stays flat however many there are."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lanes.planning.simulator.day import live
from lanes.planning.simulator.estimate import Estimate, band, estimate
from lanes.planning.simulator.hours import officer_hours
from lanes.planning.simulator.measures import BY_HOUR, MEASURES, by_hour, measures
from lanes.planning.simulator.scenario import Scenario
from lanes.planning.simulator.scenario_check import Notice, after_the_run

Floats = NDArray[np.float64]
CHUNK = 50
# How many of how many days are done; False stops the run.
Progress = Callable[[int, int], bool]


class Cancelled(Exception):
    """Somebody stopped the run."""


@dataclass(frozen=True, slots=True)
class Result:
    """`daily[name]` has one value for each day, `hourly[name]` (days, 24)."""

    scenario: Scenario
    daily: dict[str, Floats]
    hourly: dict[str, Floats]
    notices: tuple[Notice, ...] = field(default=())

    def estimate(self, name: str) -> Estimate:
        return estimate(self.daily[name])

    def against(self, other: "Result", name: str) -> Estimate:
        """This one less the other, paired day by day: both had the same trucks."""
        return estimate(self.daily[name] - other.daily[name])

    def as_json(self) -> dict[str, Any]:
        hours = [
            {"hour": hour, **{name: band(values[:, hour]) for name, values in self.hourly.items()}}
            for hour in range(24)
        ]
        return {
            "days": len(next(iter(self.daily.values()))),
            "measures": {name: self.estimate(name).as_json() for name in self.daily},
            "hours": hours,
            "notices": [
                {"code": n.code, "text": n.text, "params": dict(n.params)} for n in self.notices
            ],
        }


def simulate(scenario: Scenario, *, progress: Progress | None = None, chunk: int = CHUNK) -> Result:
    """Run all replications. Raises `Cancelled` when `progress` says so.

    The same scenario gives the same days, whatever the size of the parts; two scenarios with one
    seed have the same trucks at the same times as far as they agree.
    """
    seeds = np.random.SeedSequence(scenario.seed).spawn(scenario.replications)
    daily: dict[str, list[Floats]] = {name: [] for name in MEASURES}
    hourly: dict[str, list[Floats]] = {name: [] for name in BY_HOUR}
    for begin in range(0, len(seeds), chunk):
        if progress and not progress(begin, len(seeds)):
            raise Cancelled
        lived = live(scenario, seeds[begin : begin + chunk])
        for name, values in measures(scenario, lived).items():
            daily[name].append(values)
        for name, values in by_hour(scenario, lived).items():
            hourly[name].append(values)
    if progress and not progress(len(seeds), len(seeds)):
        raise Cancelled
    whole = {name: np.concatenate(parts) for name, parts in daily.items()}
    whole["officer_cost"] = np.full(
        len(seeds), officer_hours(scenario.shifts) * scenario.officer_hour
    )
    whole["waiting_cost"] = whole["waiting_hours"] * scenario.truck_hour
    result = Result(scenario, whole, {n: np.concatenate(parts) for n, parts in hourly.items()})
    return Result(
        scenario, result.daily, result.hourly, tuple(after_the_run(scenario, result.daily))
    )
