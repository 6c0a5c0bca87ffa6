"""The last table and its charts, in `docs/performance.md`: written by `manage.py bench --write`."""

import os
import platform
from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone

from lanes.benchmarks import charts
from trustedtruck.core.bench import Result

PAGE = "docs/performance.md"
BEGIN, END = "<!-- the last table: begin -->\n", "<!-- the last table: end -->\n"
SERIES = ("bare insert", "textbook", "ours")


def write(results: Sequence[Result]) -> None:
    """Replace what stands between the two marks, and both charts."""
    path = settings.BASE_DIR / PAGE
    before, _begin, rest = path.read_text().partition(BEGIN)
    _old, _end, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}{table(results)}{END}{after}")
    found = {result.name: result.value for result in results}
    for name, title, unit, groups, figure in (
        ("throughput", "Answers at full load", "per second", ("1", "8", "32"), "{}, {} clients"),
        ("latency", "Time to the lane, p50", "ms", ("20", "60", "150"), "{}, {} a second, p50"),
    ):
        suffix = " clients" if name == "throughput" else " a second"
        series = {s: [found[figure.format(s, g)] for g in groups] for s in SERIES}
        drawn = charts.bars(title, unit, series, [g + suffix for g in groups])
        (settings.BASE_DIR / "docs" / f"performance-{name}.svg").write_text(drawn)


def table(results: Sequence[Result]) -> str:
    """The results as Markdown."""
    lines = [
        f"Measured on {timezone.now():%Y-%m-%d} with {os.cpu_count()} cores"
        f" ({platform.machine()}), Python {platform.python_version()}; load, servers and database"
        " share them. Medians of the repeats, with the lowest and the highest.\n",
        "| what | value | | spread | aim |",
        "|---|---:|---|---|---|",
    ]
    for result in results:
        low, high = result.spread or (result.value, result.value)
        aim = ""
        if result.target is not None:
            verdict = "met" if result.met else "**missed**"
            aim = f"at {'least' if result.at_least else 'most'} {result.target:g}: {verdict}"
        spread = f"{low:,.4g} to {high:,.4g}"
        lines.append(f"| {result.name} | {result.value:,.4g} | {result.unit} | {spread} | {aim} |")
    return "\n".join(lines) + "\n"
