"""Lane hours for a target wait: the fewest booth hours that a search by simulation finds."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lanes.planning.simulator.hours import HOUR, Shift
from lanes.planning.simulator.scenario import Scenario
from lanes.planning.simulator.scenario_check import booth_work
from lanes.planning.simulator.simulate import Cancelled, Progress, Result, simulate

Plan = dict[str, NDArray[np.int64]]
MOST_BOOTHS = 40
MOST_ROUNDS = 40
# Each kind's hour can be the last that is tried in vain.
MOST_TRIES = MOST_ROUNDS + 2 * 24
DAYS = 16
KINDS = ("fast", "standard")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`booths[kind]`: open in each hour of the day. `met`: no hour's mean wait is over the target.

    `hours` is the sum of booth hours; none of them can be taken away alone without missing the
    target, as far as so many simulated days show.
    """

    booths: dict[str, tuple[int, ...]]
    target: float
    met: bool
    hours: int
    worst: float
    cost: float

    def shifts(self) -> tuple[Shift, ...]:
        """The plan as shifts: each booth from an hour to another, without a break."""
        found = []
        for kind, counts in self.booths.items():
            for level in range(1, max(counts, default=0) + 1):
                opened = [count >= level for count in (*counts, 0)]
                begin = None
                for hour, is_open in enumerate(opened):
                    if is_open and begin is None:
                        begin = hour
                    elif not is_open and begin is not None:
                        found.append(Shift(begin, hour, **{kind: 1}))
                        begin = None
        return tuple(found)


def suggest(
    scenario: Scenario, *, target_minutes: float, progress: Progress | None = None
) -> Suggestion:
    """Search from the work of each hour: add where waits are too long, then take away what can go.

    The stations and the other country's places stay as they are. Raises `Cancelled`.
    """
    search = _Search(replace(scenario, replications=DAYS), target_minutes, progress)
    return search.run()


class _Search:
    def __init__(self, scenario: Scenario, target: float, progress: Progress | None) -> None:
        self.scenario, self.target, self.progress = scenario, target, progress
        self.done = 0
        self.most = MOST_TRIES

    def run(self) -> Suggestion:
        plan = self._begin()
        result, worst = self._try(plan)
        for _ in range(MOST_ROUNDS):
            if worst <= self.target or not self._add(plan, result):
                break
            result, worst = self._try(plan)
        if worst <= self.target:
            plan, worst = self._take_away(plan, worst)
        if self.progress and not self.progress(self.most, self.most):
            raise Cancelled
        hours = int(sum(counts.sum() for counts in plan.values()))
        return Suggestion(
            {kind: tuple(int(n) for n in counts) for kind, counts in plan.items()},
            self.target,
            worst <= self.target,
            hours,
            worst,
            hours * self.scenario.officer_hour,
        )

    def _begin(self) -> Plan:
        """Booths for the expected work of each hour, at most nine tenths busy."""
        weights = np.asarray(self.scenario.hours) / sum(self.scenario.hours)
        trucks = self.scenario.trucks * (1 + self.scenario.growth) * weights
        work = booth_work(self.scenario, trucks)
        plan = {kind: np.ceil(work[kind] / (0.9 * HOUR)).astype(np.int64) for kind in KINDS}
        # The draw sends trucks of the programme to the standard booths as well.
        plan["standard"] = np.where(trucks > 0, np.maximum(plan["standard"], 1), 0)
        if self.scenario.enrolled > 0:
            plan["fast"] = np.where(trucks > 0, np.maximum(plan["fast"], 1), 0)
        return plan

    def _scenario(self, plan: Plan) -> Scenario:
        shifts = [
            Shift(
                hour, hour + 1, fast=int(plan["fast"][hour]), standard=int(plan["standard"][hour])
            )
            for hour in range(24)
        ]
        stations = [replace(shift, fast=0, standard=0) for shift in self.scenario.shifts]
        return replace(self.scenario, shifts=(*shifts, *stations))

    def _try(self, plan: Plan) -> tuple[Result, float]:
        if self.progress and not self.progress(min(self.done, self.most - 1), self.most):
            raise Cancelled
        self.done += 1
        result = simulate(self._scenario(plan))
        worst = max(self._waits(result, kind).max() for kind in KINDS)
        if result.daily["left_over"].mean() > 0.5:
            worst = max(worst, 1e6)
        return result, float(worst)

    def _waits(self, result: Result, kind: str) -> NDArray[np.float64]:
        hourly = result.hourly[f"wait_{kind}"]
        seen = np.isfinite(hourly)
        total = np.where(seen, hourly, 0.0).sum(axis=0)
        mean: NDArray[np.float64] = np.divide(
            total, seen.sum(axis=0), out=np.zeros(24), where=seen.any(axis=0)
        )
        return mean

    def _add(self, plan: Plan, result: Result) -> bool:
        """One booth more in every hour that is over the target, and in the one before it.

        A line that is too long at one o'clock often began to grow at noon.
        """
        changed = False
        for kind in KINDS:
            long = self._waits(result, kind) > self.target
            if kind == "fast" and self.scenario.fast_approach == "shared":
                # Behind a standard line no fast booth helps: widen the others first.
                busy = np.nanmean(result.hourly["use_fast"], axis=0) > 0.85 if long.any() else long
                plan["standard"] += (long & ~busy & (plan["standard"] < MOST_BOOTHS)).astype(int)
                changed |= bool((long & ~busy).any())
                long = long & busy
            worth = long | np.roll(long, -1)
            worth &= (plan["standard"] + plan["fast"] > 0) | long
            more = worth & (plan[kind] < MOST_BOOTHS)
            plan[kind] = plan[kind] + more
            changed |= bool(more.any())
        left = result.daily["left_over"].mean() > 0.5
        if left and not changed:
            last = int(np.flatnonzero(plan["standard"])[-1])
            plan["standard"][last] += 1
            changed = True
        return changed

    def _take_away(self, plan: Plan, worst: float) -> tuple[Plan, float]:
        """Booth hours that are not needed, one at a time, the quietest hours first."""
        for kind in KINDS:
            least = 1 if kind == "standard" or self.scenario.enrolled > 0 else 0
            for hour in np.argsort(plan[kind], kind="stable"):
                while plan[kind][hour] > least:
                    fewer = {name: counts.copy() for name, counts in plan.items()}
                    fewer[kind][hour] -= 1
                    _result, found = self._try(fewer)
                    if found > self.target:
                        break
                    plan, worst = fewer, found
        return plan, worst
