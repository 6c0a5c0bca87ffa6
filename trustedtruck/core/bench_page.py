"""What `manage.py bench PART --write` writes: a table between two marks of a page."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from trustedtruck.core.bench import Result

PAGES = ("docs/performance.md", "docs/scaling.md")


class NoPlace(Exception):
    """No page has marks for this part."""


def write(part: str, results: Sequence[Result]) -> None:
    """Replace what stands between the marks of this part. `NoPlace` when it has none."""
    page, before, after = _around(part)
    page.write_text(before + table(results) + after, encoding="utf-8")


def check_place(part: str) -> None:
    """`NoPlace` before minutes are spent on measuring."""
    _around(part)


def _around(part: str) -> tuple[Path, str, str]:
    """The page with the two marks: up to and with the first, and from the second on."""
    begin, end = (f"<!-- bench {part}: {which} -->\n" for which in ("begin", "end"))
    for name in PAGES:
        page = Path(settings.BASE_DIR) / name
        before, first, rest = page.read_text(encoding="utf-8").partition(begin)
        _old, second, after = rest.partition(end)
        if first and second:
            return page, before + first, second + after
    raise NoPlace(f"no page has a place for this table: {begin.strip()} and {end.strip()}")


def table(results: Sequence[Result]) -> str:
    """The results as Markdown, with the spread of the repeats where there is one."""
    spread = any(result.spread for result in results)
    machine = f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}"
    words = f"Measured on {timezone.now():%Y-%m-%d} with {machine}; what asks and what answers"
    words += " share them."
    head = ["what", "value", "", *(["spread"] if spread else []), "aim"]
    rule = ["---", "---:", "---", *(["---"] if spread else []), "---"]
    rows = [head, rule, *(_row(result, spread) for result in results)]
    if spread:
        words += " The spread is from the lowest to the highest."
    return words + "\n\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(result: Result, spread: bool) -> list[str]:
    row = [result.name, f"{result.value:,.4g}", result.unit]
    if spread:
        low, high = result.spread or (result.value, result.value)
        row.append(f"{low:,.4g} to {high:,.4g}")
    aim = ""
    if result.target is not None:
        verdict = "met" if result.met else "**missed**"
        aim = f"at {'least' if result.at_least else 'most'} {result.target:g}: {verdict}"
    return [*row, aim]
