"""The programme's claims, put to the test on World Trade Bridge's months. Pure; counts come in.

What is published and what is assumed is in `docs/planning.md`. Standard booth times are not
published: they are fitted to the one published snapshot, and that fit is tested on the number of
the snapshot that it was not fitted to.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lanes.planning.simulator import Result, Scenario, simulate
from lanes.planning.simulator.estimate import Estimate, estimate, fall
from lanes.planning.simulator.hours import Shift
from lanes.planning.simulator.scenario import Times
from lanes.planning.simulator.service_time import ServiceTime

# CBP's snapshot at midday, 2022-06-29: 10 standard lanes with 45 minutes, 4 FAST with 15.
BOOTHS, FAST_BOOTHS, MIDDAY = 14, 4, 12
SNAPSHOT_STANDARD = 45.0
# A working day of a month that also has quieter week-ends; and FAST's part of the laden trucks:
# about 2,000 a day in 2023 (press), when a working day had about 7,000 and a quarter were empty.
WORKING_DAYS, FAST_SHARE = 26.0, 0.38
ENROLMENTS = (0.1, 0.2, 0.3, 0.4)
EMPTY_AGAINST_STANDARD = 0.5
# A place that is planned to be busier than this has a line of its own.
PLANNED_USE = 0.85


@dataclass(frozen=True, slots=True)
class Fit:
    """`seconds`: the mean standard booth time that gives the snapshot's 45 minutes."""

    seconds: float
    standard: Estimate
    fast: Estimate


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One month and enrolment. `fall` is the share by which the mean wait of all falls."""

    month: str
    trucks: float
    enrolled: float
    fast_booths: int
    wait: Estimate
    fast: Estimate
    standard: Estimate
    fall: Estimate

    @property
    def halved(self) -> str:
        """Whether "by as much as half" holds: `yes`, `no`, or `not sure` within the interval."""
        if self.fall.low is None or self.fall.high is None:
            return "–"
        return "yes" if self.fall.low >= 0.5 else "no" if self.fall.high < 0.5 else "not sure"


@dataclass(frozen=True, slots=True)
class Way:
    """One way of inspecting: places planned for it, officers' hours, time of inspected trucks."""

    name: str
    places: str
    officer_hours: float
    inspected: Estimate
    both: Estimate
    crossing: Estimate


def base(trucks: float, seconds: float, *, replications: int, seed: int) -> Scenario:
    """A working day before the programme: every booth is a standard booth."""
    standard = ServiceTime(seconds, 0.7)
    return Scenario(
        trucks=trucks,
        enrolled=0.0,
        times=replace(
            Times(), standard=standard, empty=ServiceTime(seconds * EMPTY_AGAINST_STANDARD, 0.7)
        ),
        shifts=(Shift(7, 24, standard=BOOTHS, nii=12, docks=60, partner=40),),
        replications=replications,
        seed=seed,
    )


def with_lane(day: Scenario, enrolled: float, fast: int) -> Scenario:
    shift = replace(day.shifts[0], fast=fast, standard=BOOTHS - fast)
    return replace(day, enrolled=enrolled, shifts=(shift,))


def fast_booths(day: Scenario, enrolled: float) -> int:
    """Booths for FAST in proportion to its booth work, one at least."""
    laden = 1 - day.empty
    fast = laden * enrolled * day.times.fast.mean
    rest = laden * (1 - enrolled) * day.times.standard.mean + day.empty * day.times.empty.mean
    return max(1, math.ceil(BOOTHS * fast / (fast + rest)))


def fit(trucks_in_june_2022: float, *, replications: int = 20, seed: int = 1) -> Fit:
    """Bisect the standard booth time on the standard wait of the hour from midday."""
    low, high = 40.0, 160.0
    for _ in range(12):
        middle = (low + high) / 2
        result = _snapshot(trucks_in_june_2022, middle, replications, seed)
        wait = estimate(result.hourly["wait_standard"][:, MIDDAY]).mean
        low, high = (middle, high) if wait is None or wait < SNAPSHOT_STANDARD else (low, middle)
    seconds = round((low + high) / 2, 1)
    result = _snapshot(trucks_in_june_2022, seconds, replications, seed)
    hourly = {kind: result.hourly[f"wait_{kind}"][:, MIDDAY] for kind in ("standard", "fast")}
    return Fit(seconds, estimate(hourly["standard"]), estimate(hourly["fast"]))


def _snapshot(trucks: float, seconds: float, replications: int, seed: int) -> Result:
    day = base(trucks / WORKING_DAYS, seconds, replications=replications, seed=seed)
    return simulate(replace(with_lane(day, FAST_SHARE, FAST_BOOTHS), day_variation=0.0))


def enrolments(
    months: Sequence[tuple[str, float]], seconds: float, *, replications: int = 40, seed: int = 1
) -> Iterator[Enrolment]:
    """Each month at each enrolment against the same days without a trusted lane."""
    for month, trucks in months:
        day = base(trucks / WORKING_DAYS, seconds, replications=replications, seed=seed)
        without = simulate(day)
        yield _row(month, day, 0.0, 0, without, without)
        for enrolled in ENROLMENTS:
            booths = fast_booths(day, enrolled)
            result = simulate(with_lane(day, enrolled, booths))
            yield _row(month, day, enrolled, booths, result, without)


def _row(
    month: str, day: Scenario, enrolled: float, booths: int, result: Result, without: Result
) -> Enrolment:
    return Enrolment(
        month,
        day.trucks,
        enrolled,
        booths,
        result.estimate("wait"),
        result.estimate("wait_fast"),
        result.estimate("wait_standard"),
        fall(result.daily["wait"], without.daily["wait"]),
    )


def ways(
    trucks_a_month: float, seconds: float, *, replications: int = 40, seed: int = 1
) -> Iterator[Way]:
    """Docks, scans, two inspections, one together: each with the places that its work needs."""
    day = with_lane(
        base(trucks_a_month / WORKING_DAYS, seconds, replications=replications, seed=seed), 0.3, 2
    )
    partner = replace(day, partner="before", partner_share=0.05)
    for name, scenario in (
        ("all referred trucks unloaded at docks", replace(day, method="docks")),
        ("scanned, and one of ten unloaded", replace(day, method="nii")),
        ("two inspections, one in each country", partner),
        ("one joint inspection", replace(partner, partner="joint")),
    ):
        planned, places = _planned(scenario)
        result = simulate(planned)
        yield Way(
            name,
            places,
            sum((s.end - s.start) * (s.nii + s.docks + s.partner) for s in planned.shifts),
            result.estimate("crossing_inspected"),
            result.estimate("crossing_both"),
            result.estimate("crossing"),
        )


def _planned(day: Scenario) -> tuple[Scenario, str]:
    """Stations for the expected work at 85% use over the peak hour."""
    peak = day.trucks * max(day.hours) / sum(day.hours) / 3600
    laden = 1 - day.empty
    fast = laden * day.enrolled * (1 - day.papers_wrong)
    drawn = 0.06 * fast
    sent = peak * ((1 - fast) * day.referred + drawn)
    partner = peak * (laden - fast) * day.partner_share if day.partner != "none" else 0.0
    unloaded = sent * (1.0 if day.method == "docks" else day.to_dock)
    own = (unloaded + (partner if day.partner == "before" else 0)) * day.times.docks.mean
    theirs = partner * (day.times.joint if day.partner == "joint" else day.times.partner).mean
    need = {
        "nii": math.ceil(sent * day.times.nii.mean / PLANNED_USE) if day.method == "nii" else 0,
        "docks": math.ceil((own + (theirs if day.partner == "joint" else 0)) / PLANNED_USE),
        "partner": math.ceil(theirs / PLANNED_USE) if day.partner == "before" else 0,
    }
    shift = replace(day.shifts[0], **need)
    words = ", ".join(f"{count} {kind}" for kind, count in need.items() if count)
    return replace(day, shifts=(shift,)), words
