"""Forecasts, lane hours, claims and charts."""

from dataclasses import replace

import pytest
from defusedxml import ElementTree as Tree

from lanes.planning import charts, claims, history
from lanes.planning.forecast import Count, back_test, forecast
from lanes.planning.simulator import Cancelled, Scenario, simulate
from lanes.planning.simulator.hours import Shift
from lanes.planning.staffing import suggest

WORLD_TRADE = history.crossings()["World Trade Bridge"]
QUIET = Scenario(
    trucks=500,
    hours=(0,) * 8 + (3, 6, 8, 8, 6, 3) + (0,) * 10,
    shifts=(Shift(8, 14, fast=1, standard=2, nii=3, docks=10),),
    fast_approach="own",
)


def test_the_forecast_beats_the_year_before_at_world_trade_bridge() -> None:
    for horizon in (1, 6, 12):
        found = back_test(WORLD_TRADE, horizon)
        assert found.skill > 0.1
        assert found.covered >= 0.85
    assert back_test(WORLD_TRADE, 12).forecasts == 366


def test_a_steady_year_is_forecast_as_it_was() -> None:
    years = [Count(2018 + n // 12, n % 12 + 1, (100 + 10 * (n % 12)) * Count(
        2018 + n // 12, n % 12 + 1, 1).days) for n in range(60)]  # fmt: skip
    months = forecast(years, 12)
    assert [(m.year, m.month) for m in months][:2] == [(2023, 1), (2023, 2)]
    for month, before in zip(months, years[-12:], strict=True):
        a_day = before.trucks / before.days
        assert month.low <= month.trucks <= month.high
        assert month.trucks == pytest.approx(a_day * Count(month.year, month.month, 1).days, 1e-3)
    assert sum(months[0].hours([0, 1, 3])) == pytest.approx(months[0].trucks / 31)


@pytest.mark.parametrize("wrong", [
    WORLD_TRADE[:40], WORLD_TRADE[:50] + WORLD_TRADE[51:], [*WORLD_TRADE[:-1], Count(2023, 12, 0)],
])  # fmt: skip
def test_a_history_with_gaps_is_refused(wrong: list[Count]) -> None:
    with pytest.raises(ValueError, match=r"history|count"):
        forecast(wrong, 3)


def test_suggested_lane_hours_keep_the_target_and_cost_less() -> None:
    found = suggest(QUIET, target_minutes=8)
    assert found.met
    assert found.worst <= 8
    stations = [replace(shift, fast=0, standard=0) for shift in QUIET.shifts]
    plan = replace(QUIET, shifts=(*found.shifts(), *stations), replications=16)
    assert sum(s.end - s.start for s in found.shifts()) == found.hours
    waits = simulate(plan).hourly["wait_standard"]
    assert max(waits[:, hour].mean() for hour in range(8, 14)) <= 8
    # What opens as much all day long as in the busiest hour costs more.
    flat = 6 * (max(found.booths["fast"]) + max(found.booths["standard"]))
    assert found.hours < flat


def test_a_search_for_lane_hours_can_be_stopped() -> None:
    with pytest.raises(Cancelled):
        suggest(QUIET, target_minutes=8, progress=lambda done, _total: done < 2)


def test_the_claims_are_paired_with_the_days_without_a_trusted_lane() -> None:
    rows = list(claims.enrolments([("2022-06", 181_344.0)], 146.0, replications=6))
    assert [row.enrolled for row in rows] == [0.0, *claims.ENROLMENTS]
    assert rows[0].fall.mean == 0
    assert rows[-1].halved == "yes"
    assert rows[1].halved == "no"
    assert sum(row.fast_booths > 0 for row in rows) == 4


def test_charts_are_svg_without_style_or_script() -> None:
    line = charts.Line("a <b> & c", [None, 1.0, 2.0, None, 3.0, 4.0], [0.5] * 6, [4.5] * 6)
    bar = charts.Bar("x", 2.0, 1.0, 3.0)
    for drawn in (
        charts.lines("Waits & “queues”", "minutes", [line]),
        charts.bars("Falls", "%", [("2022", [bar]), ("2023", [charts.Bar("x", 0.0)])]),
        charts.lines("Nothing", "min", []),
    ):
        root = Tree.fromstring(drawn)
        assert root.get("role") == "img"
        assert root.get("aria-label")
        assert "style=" not in drawn
        assert "<script" not in drawn
