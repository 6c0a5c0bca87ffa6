"""The tables and charts of `docs/planning.md`, from what was measured."""

import re
from collections.abc import Iterable, Sequence

from lanes.planning.charts import Bar, bars
from lanes.planning.claims import Enrolment, Fit, Way
from lanes.planning.forecast import BackTest
from lanes.planning.simulator.estimate import Estimate
from lanes.planning.validation import Check, interval


def placed(page: str, name: str, text: str) -> str:
    """The page with the part between `<!-- name -->` and `<!-- /name -->` replaced."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not pattern.search(page):
        raise ValueError(f"the page has no place for {name}")
    return pattern.sub(lambda found: found[1] + text + found[2], page)


def validation(checks: Iterable[Check]) -> str:
    lines = ["| what | expected | found | |", "|---|---|---|---|"]
    lines += [
        f"| {c.name} | {c.expected} | {c.found} | {'holds' if c.held else '**does not hold**'} |"
        for c in checks
    ]
    return "\n".join(lines) + "\n"


def claims(fit: Fit, rows: Sequence[Enrolment], ways: Sequence[Way]) -> str:
    lines = [
        f"Fitted standard booth time: {fit.seconds:.0f} s. With it the snapshot's standard wait at"
        f" midday is {interval(fit.standard, 0)} minutes (45 published, fitted to), and FAST's is"
        f" {interval(fit.fast, 0)} (15 published, not fitted to).",
        "",
        "| month | trucks a working day | enrolled | FAST booths | mean wait, min | FAST, min |"
        " standard, min | falls by, % | by half? |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [_enrolment(row) for row in rows]
    lines += [
        "",
        "| way of inspecting | places planned | officer hours a day | crossing of inspected trucks,"
        " min | of those that both countries inspect, min | of all, min |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {w.name} | {w.places} | {w.officer_hours:,.0f} | {interval(w.inspected, 0)} |"
        f" {interval(w.both, 0)} | {interval(w.crossing, 0)} |"
        for w in ways
    ]
    return "\n".join(lines) + "\n"


def _enrolment(row: Enrolment) -> str:
    change = "–"
    if row.enrolled and row.fall.mean is not None and row.fall.low is not None:
        change = (
            f"{100 * row.fall.mean:.0f}"
            f" [{100 * row.fall.low:.0f}, {100 * (row.fall.high or 0):.0f}]"
        )
    fast = interval(row.fast, 1) if row.enrolled else "–"
    return (
        f"| {row.month} | {row.trucks:,.0f} | {100 * row.enrolled:.0f} % | {row.fast_booths} |"
        f" {interval(row.wait, 1)} | {fast} | {interval(row.standard, 1)} | {change} |"
        f" {row.halved if row.enrolled else '–'} |"
    )


def waits_chart(rows: Sequence[Enrolment]) -> str:
    """Mean waits by month, a bar for each enrolment."""
    return bars(
        "Mean wait at World Trade Bridge by enrolment, minutes",
        "minutes",
        [
            (month, [_bar(f"{100 * r.enrolled:.0f} %", r.wait) for r in rows if r.month == month])
            for month in dict.fromkeys(row.month for row in rows)
        ],
    )


def falls_chart(rows: Sequence[Enrolment]) -> str:
    return bars(
        "Fall of the mean wait against no trusted lane, percent",
        "%",
        [
            (
                month,
                [
                    _bar(f"{100 * r.enrolled:.0f} %", r.fall, 100)
                    for r in rows
                    if r.month == month and r.enrolled
                ],
            )
            for month in dict.fromkeys(row.month for row in rows)
        ],
    )


def _bar(name: str, found: Estimate, times: float = 1) -> Bar:
    if found.mean is None:
        return Bar(name, 0.0)
    low, high = found.low, found.high
    return Bar(
        name,
        max(times * found.mean, 0.0),
        None if low is None else times * low,
        None if high is None else times * high,
    )


def forecasts(tests: Iterable[tuple[str, BackTest]]) -> str:
    lines = [
        "| crossing | months ahead | forecasts | our error, % | same month a year before, % |"
        " skill | in the 90% interval |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | 1–{t.horizon} | {t.forecasts} | {100 * t.error:.1f} |"
        f" {100 * t.naive_error:.1f} | {t.skill:+.2f} | {100 * t.covered:.0f} % |"
        for name, t in tests
    ]
    return "\n".join(lines) + "\n"
