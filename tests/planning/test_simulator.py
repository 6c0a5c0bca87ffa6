"""The simulator by itself: exact values, balance, the product's own choice, and what it refuses."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lanes.benchmarks.trucks import trusted
from lanes.planning import validation
from lanes.planning.simulator import Cancelled, Scenario, simulate, traffic
from lanes.planning.simulator.booths import Trucks, serve
from lanes.planning.simulator.day import live, plaza
from lanes.planning.simulator.estimate import fall, student_975
from lanes.planning.simulator.hours import Shift
from lanes.planning.simulator.scenario_check import before_the_run, faults
from lanes.planning.simulator.service_time import ServiceTime, fitted
from lanes.planning.yardstick import simpy_begun
from lanes.rules import Policy, decide

SMALL = Scenario(
    trucks=900,
    shifts=(Shift(7, 24, fast=1, standard=2, nii=2, docks=8, partner=4),),
    replications=12,
)


def _seeds(count: int, seed: int = 1) -> list[np.random.SeedSequence]:
    return np.random.SeedSequence(seed).spawn(count)


@pytest.mark.parametrize(("row", "expected"), [
    (validation.TEXTBOOK[0], (0.409180, 0.306885)),
    (validation.TEXTBOOK[1], (0.597030, 0.716436)),
    (validation.TEXTBOOK[2], (0.013535, 0.001955)),
    (validation.TEXTBOOK[3], (0.444444, 0.888889)),
])  # fmt: skip
def test_the_textbook_queue_has_its_exact_waits(
    row: tuple[float, float, int], expected: tuple[float, float]
) -> None:
    assert validation.erlang(*row) == pytest.approx(expected, abs=5e-6)
    if row[0] < 200:  # the two busy ones take long; `simulate --validate` has them
        checks = list(validation.textbook(*row, seed=1, replications=100))
        assert [check.held for check in checks] == [True, True], checks


def test_a_wrong_service_time_is_noticed() -> None:
    """The check can fail: booths that are 5% slower lie outside the interval."""
    slow = list(validation.textbook(60, 120 * 1.05, 3, seed=1, replications=100))
    exact = validation.erlang(60, 120, 3)[1]
    low = float(slow[1].found.split("[")[1].split(",")[0])
    assert low > exact


def test_fast_trucks_go_ahead_as_the_formula_says() -> None:
    for check in validation.ahead_of_the_others(seed=1, replications=60):
        assert check.held, check


def test_nothing_is_lost_and_nobody_is_served_twice_at_once() -> None:
    busy = replace(validation.BUSY, replications=3)
    for check in validation.balance(scenario=busy):
        assert check.held, check


def test_pacific_highway_goes_the_published_way() -> None:
    for check in validation.pacific_highway():
        assert check.held, check


@pytest.mark.parametrize("lane_policy", ["dedicated", "open"])
@pytest.mark.parametrize(("trucks", "storage"), [(900, 12), (1_600, 3)])
def test_every_truck_waits_as_long_as_in_simpy(lane_policy: str, trucks: int, storage: int) -> None:
    scenario = replace(
        SMALL, trucks=trucks, storage=storage, policy=Policy(0, lane_policy=lane_policy)
    )
    day = traffic.days(scenario, _seeds(2))
    trucks_of = Trucks(day.arrival, day.kind, day.service, np.zeros(day.kind.shape, dtype=bool))
    for number, ours in enumerate(serve(plaza(scenario), trucks_of).begun):
        theirs = simpy_begun(plaza(scenario), trucks_of, number)
        np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_the_rate_of_a_profile_is_what_the_decision_does() -> None:
    """For every profile and many draws: inspected exactly where `decide` says so."""
    policy = Policy(0, sampling_by_tier={"1": 0.4, "2": 0.2, "3": 0.0},
                    sampling_by_commodity={"87": 0.1})  # fmt: skip
    scenario = replace(SMALL, policy=policy, papers_wrong=0.5)
    seen = set()
    for profile in traffic.profiles(scenario):
        rate = traffic.inspection_rate(profile.facts, policy)
        for draw in np.linspace(0, 1, 41, endpoint=False):
            fast = decide(profile.facts, policy, float(draw)).route == "fast"
            assert fast == (draw >= rate), (profile.name, draw, rate)
            seen.add(fast)
    assert seen == {True, False}
    assert traffic.inspection_rate(trusted(), replace(policy, require_weight=True)) == 0.1


def test_a_stricter_draft_sends_more_trucks_to_inspection() -> None:
    mild = simulate(replace(SMALL, policy=Policy(0, sampling_by_tier={"1": 0, "2": 0, "3": 0})))
    strict = simulate(replace(SMALL, policy=Policy(0, sampling_by_tier={"1": 1, "2": 1, "3": 1})))
    assert mild.daily["drawn"].mean() < strict.daily["drawn"].mean()
    assert strict.daily["fast"].max() == 0
    assert strict.against(mild, "wait").low > 0  # type: ignore[operator]
    # Common random numbers: the same trucks came on the same days.
    np.testing.assert_array_equal(mild.daily["trucks"], strict.daily["trucks"])


def test_the_same_seed_gives_the_same_days_however_they_are_cut() -> None:
    one, other = simulate(SMALL, chunk=12), simulate(SMALL, chunk=5)
    for name, values in one.daily.items():
        np.testing.assert_allclose(values, other.daily[name], rtol=1e-12, err_msg=name)
    assert simulate(replace(SMALL, seed=2)).daily["wait"][0] != one.daily["wait"][0]


def test_fast_trucks_are_spared_by_a_road_of_their_own() -> None:
    busy = replace(SMALL, trucks=1_500, storage=3)
    shared = simulate(busy)
    own = simulate(replace(busy, fast_approach="own"))
    assert own.estimate("wait_fast").mean < shared.estimate("wait_fast").mean / 4  # type: ignore[operator]


def test_one_joint_inspection_takes_less_time_than_two() -> None:
    two = simulate(replace(SMALL, partner="before", partner_share=0.05))
    joint = simulate(replace(SMALL, partner="joint", partner_share=0.05))
    assert joint.against(two, "crossing_both").high < 0  # type: ignore[operator]


def test_scanning_spares_the_docks() -> None:
    docks = simulate(replace(SMALL, method="docks"))
    scans = simulate(SMALL)
    assert scans.against(docks, "use_docks").high < 0  # type: ignore[operator]
    assert scans.against(docks, "crossing_inspected").high < 0  # type: ignore[operator]


def test_a_saturated_day_ends_and_says_so() -> None:
    scenario = replace(SMALL, trucks=6_000)
    assert [notice.code for notice in before_the_run(scenario)] == ["saturated"]
    result = simulate(scenario)
    notices = {notice.code: str(notice) for notice in result.notices}
    assert "were not served before the day was over" in notices["saturated"]
    assert "approach road full" in notices["road_full"]


def test_a_lane_that_closes_serves_whoever_stands_in_it() -> None:
    scenario = replace(SMALL, shifts=(Shift(7, 12, fast=1, standard=2, nii=2, docks=8),))
    lived = live(scenario, _seeds(2))
    in_line = (lived.booth.entered < 12 * 3600) & np.isfinite(lived.booth.entered)
    assert np.isfinite(lived.booth.begun[in_line]).all()
    night = (lived.booth.entered >= 12 * 3600) & (lived.booth.entered < 31 * 3600)
    assert not night.any()


def test_a_run_can_be_stopped_between_its_parts() -> None:
    asked: list[int] = []

    def progress(done: int, _total: int) -> bool:
        asked.append(done)
        return done < 5

    with pytest.raises(Cancelled):
        simulate(SMALL, progress=progress, chunk=5)
    assert asked == [0, 5]


def test_a_scenario_survives_json() -> None:
    scenario = replace(SMALL, policy=Policy(0, lane_policy="open"), partner="joint")
    assert Scenario.from_json(json.loads(json.dumps(scenario.as_json()))) == scenario


@pytest.mark.parametrize(("change", "field", "code"), [
    ({"trucks": -1}, "trucks", "out_of_range"),
    ({"trucks": True}, "trucks", "out_of_range"),
    ({"trucks": float("nan")}, "trucks", "out_of_range"),
    ({"trucks": 10**400}, "trucks", "out_of_range"),
    ({"hours": [10**400] * 24}, "hours", "not_24_hours"),
    ({"enrolled": 1.2}, "enrolled", "out_of_range"),
    ({"hours": [0] * 24}, "hours", "no_arrivals"),
    ({"hours": [1] * 23}, "hours", "not_24_hours"),
    ({"hours": [-1] + [1] * 23}, "hours", "not_24_hours"),
    ({"tiers": [0, 0, 0]}, "tiers", "not_3_tiers"),
    ({"shifts": []}, "shifts", "no_shift"),
    ({"shifts": 5}, "shifts", "not_a_list"),
    ({"shifts": [{"start": 9, "end": 7, "standard": 1}]}, "shifts.0.end", "shift_is_empty"),
    ({"shifts": [{"start": 7.1, "end": 9, "standard": 1}]}, "shifts.0", "not_a_quarter"),
    ({"shifts": [{"start": 7, "end": 25, "standard": 1}]}, "shifts.0.end", "out_of_range"),
    ({"shifts": [{"start": 7, "standard": 1}]}, "shifts.0.end", "required"),
    ({"shifts": [{"start": 7, "end": 9, "standard": -2}]}, "shifts.0.standard", "out_of_range"),
    ({"shifts": [{"start": 7, "end": 9, "booths": 1}]}, "shifts.0.booths", "unknown_field"),
    ({"shifts": [{"start": 7, "end": 24, "fast": 2}]}, "shifts", "no_standard_lane"),
    ({"shifts": [{"start": 7, "end": 24, "standard": 2}]}, "shifts", "no_fast_lane"),
    ({"shifts": [{"start": 0, "end": 6, "fast": 1, "standard": 2, "nii": 1, "docks": 1}]},
     "shifts", "arrivals_while_closed"),
    ({"shifts": [{"start": 7, "end": 24, "fast": 1, "standard": 2}]}, "shifts", "no_scanner"),
    ({"times": {"fast": {"mean": -27}}}, "times.fast.mean", "out_of_range"),
    ({"times": {"fast": {"cv": 1}}}, "times.fast.mean", "required"),
    ({"times": {"slow": {"mean": 1}}}, "times.slow", "unknown_field"),
    ({"policy": {"lane_policy": "any"}}, "policy.lane_policy", "not_a_choice"),
    ({"method": "x-ray"}, "method", "not_a_choice"),
    ({"replications": 1}, "replications", "out_of_range"),
    ({"replications": 2.5}, "replications", "out_of_range"),
    ({"lanes": 3}, "lanes", "unknown_field"),
])  # fmt: skip
def test_what_cannot_be_simulated_is_said_in_words(
    change: dict[str, Any], field: str, code: str
) -> None:
    found = faults(SMALL.as_json() | change)
    assert (field, code) in [(fault.field, fault.finding.code) for fault in found]
    assert all("%(" not in str(fault.finding) for fault in found)


def test_every_wrong_field_is_named_at_once() -> None:
    found = faults({"trucks": 0, "empty": 2, "shifts": [{"start": 9, "end": 7}], "seed": -1})
    assert {fault.field for fault in found} == {"trucks", "empty", "shifts.0.end", "seed"}
    assert [fault.finding.code for fault in faults(["no object"])] == ["not_an_object"]


@pytest.mark.parametrize("shape", ["gamma", "lognormal"])
def test_a_fit_finds_the_distribution_again(shape: str) -> None:
    truth = ServiceTime(75.0, 0.7, shape)
    found = fitted(list(truth.draw(np.random.default_rng(1), 20_000)))
    assert found.shape == shape
    assert (found.mean, found.cv) == pytest.approx((75.0, 0.7), rel=0.03)


def test_a_fit_needs_measurements_and_positive_ones() -> None:
    assert fitted([30.0] * 20) == ServiceTime(30.0, 0.0)
    for wrong in ([30.0] * 19, [30.0] * 19 + [-1.0], [30.0] * 19 + [float("inf")]):
        with pytest.raises(ValueError, match="time"):
            fitted(wrong)


def test_students_quantile() -> None:
    for freedom, exact in ((4, 2.7764), (9, 2.2622), (19, 2.0930), (99, 1.9842)):
        assert student_975(freedom) == pytest.approx(exact, rel=3e-3)


def test_a_fall_by_half() -> None:
    before = np.array([10.0, 12.0, 8.0, 11.0])
    found = fall(before / 2, before)
    assert (found.low, found.mean, found.high) == pytest.approx((0.5, 0.5, 0.5))
    assert fall(before, np.zeros(4)).mean is None
