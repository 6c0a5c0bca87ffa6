"""Charts as SVG: for a page of the console, and for the docs. No script, no style attribute.

Each has a title and a text for those who do not see it; the same numbers stand in a table beside.
Colours come from classes in a page and from attributes in a file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr  # writes XML  # nosec B406

WIDTH, HEIGHT = 720, 280
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 16, 40
COLOURS = ("#12737a", "#b35c00", "#5b4a9c", "#7a8b8d")
DASHES = ("", "7 4", "2 3", "10 3 2 3")


@dataclass(frozen=True, slots=True)
class Line:
    """Values over the hours; None leaves a gap. `low` and `high` draw a band."""

    name: str
    values: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    value: float
    low: float | None = None
    high: float | None = None


def lines(title: str, unit: str, series: Sequence[Line]) -> str:
    """Series over the 24 hours of a day."""
    known = [v for one in series for v in (*one.values, *one.high) if v is not None]
    top = _nice(max(known, default=1.0))
    parts = _frame(title, unit, top)
    for hour in range(0, 25, 3):
        parts.append(_text(_x(hour), HEIGHT - BOTTOM + 18, f"{hour:02d}", "middle"))
    for number, one in enumerate(series):
        parts.append(_band(one, number, top))
    for number, one in enumerate(series):
        parts += _path(one, number, top)
    parts += _legend([one.name for one in series])
    return "".join([*parts, "</svg>\n"])


def bars(title: str, unit: str, groups: Sequence[tuple[str, Sequence[Bar]]]) -> str:
    """Groups of bars with their intervals as whiskers."""
    top = _nice(max((b.high or b.value for _n, many in groups for b in many), default=1.0))
    parts = _frame(title, unit, top)
    wide = (WIDTH - LEFT - RIGHT) / max(len(groups), 1)
    for index, (name, many) in enumerate(groups):
        begin = LEFT + index * wide
        parts.append(_text(begin + wide / 2, HEIGHT - BOTTOM + 18, name, "middle"))
        each = wide * 0.8 / max(len(many), 1)
        for number, bar in enumerate(many):
            x = begin + wide * 0.1 + number * each
            parts.append(
                f'<rect class="tt-fill-{number % 4}" x="{x:.1f}" y="{_y(bar.value, top):.1f}"'
                f' width="{each * 0.85:.1f}" height="{_y(0, top) - _y(bar.value, top):.1f}"'
                f' fill="{_shade(number)}"/>'
            )
            if bar.low is not None and bar.high is not None:
                middle = x + each * 0.425
                parts.append(
                    f'<path d="M{middle:.1f} {_y(max(bar.low, 0), top):.1f}'
                    f'V{_y(bar.high, top):.1f}" stroke="currentColor" stroke-width="1.5"/>'
                )
    names = [bar.name for bar in groups[0][1]] if groups else []
    return "".join([*parts, *_legend(names), "</svg>\n"])


def _shade(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _frame(title: str, unit: str, top: float) -> list[str]:
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="tt-chart" role="img"'
        f' viewBox="0 0 {WIDTH} {HEIGHT}" aria-label={quoteattr(title)}'
        ' font-family="sans-serif" font-size="13" color="#4b5c63">',
        f"<title>{escape(title)}</title>",
    ]
    for step in range(5):
        value = top * step / 4
        y = _y(value, top)
        parts.append(
            f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="currentColor"'
            f' stroke-width="0.5" opacity="0.5"/>'
        )
        parts.append(_text(LEFT - 6, y + 4, f"{value:g}", "end"))
    parts.append(_text(LEFT, TOP - 4, unit, "start"))
    return parts


def _x(hour: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * hour / 24


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="currentColor">'
        f"{escape(text)}</text>"
    )


def _band(one: Line, number: int, top: float) -> str:
    edges = [
        (hour, low, high)
        for hour, (low, high) in enumerate(zip(one.low, one.high, strict=False))
        if low is not None and high is not None
    ]
    if len(edges) < 2:
        return ""
    there = "L".join(f"{_x(h + 0.5):.1f} {_y(high, top):.1f}" for h, _low, high in edges)
    back = "L".join(f"{_x(h + 0.5):.1f} {_y(low, top):.1f}" for h, low, _high in reversed(edges))
    return (
        f'<path class="tt-fill-{number % 4}" d="M{there}L{back}Z" fill="{_shade(number)}"'
        ' opacity="0.18"/>'
    )


def _path(one: Line, number: int, top: float) -> list[str]:
    runs: list[list[str]] = [[]]
    for hour, value in enumerate(one.values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{_x(hour + 0.5):.1f} {_y(value, top):.1f}")
    return [
        f'<path class="tt-line-{number % 4}" d="M{"L".join(run)}" fill="none"'
        f' stroke="{_shade(number)}" stroke-width="2.5" stroke-dasharray="{DASHES[number % 4]}"/>'
        for run in runs
        if len(run) > 1
    ]


def _legend(names: Sequence[str]) -> list[str]:
    parts, x = [], float(LEFT)
    for number, name in enumerate(names):
        parts.append(
            f'<path class="tt-line-{number % 4}" d="M{x:.0f} {HEIGHT - 8}h24"'
            f' stroke="{_shade(number)}" stroke-width="5"/>'
        )
        parts.append(_text(x + 30, HEIGHT - 4, name, "start"))
        x += 60 + 7.5 * len(name)
    return parts


def _nice(value: float) -> float:
    """The next round number, of which a quarter is round too."""
    if value <= 0:
        return 1.0
    size = 1.0
    while size * 10 <= value:
        size *= 10
    while size > value:
        size /= 10
    return next(size * step for step in (1, 2, 4, 6, 8, 10) if size * step >= value)
