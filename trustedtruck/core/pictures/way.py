"""The way of an arrival from the gate to the lane: who tells whom what, in order.

Each step names the code that does it; a step whose code is gone stops the drawing.
"""

from dataclasses import dataclass
from pkgutil import resolve_name
from textwrap import wrap

from django.conf import settings
from django.utils.module_loading import import_string

from trustedtruck.core.pictures import svg

WIDE, TOP, LETTER = 1000, 60, 6.0
FILL = "#e7f2f5"
# Words over a line stay readable.
HALO = f'stroke="{svg.PALE}" stroke-width="4" paint-order="stroke"'


@dataclass(frozen=True, slots=True)
class Step:
    """`code` is the dotted path of what does it; `source` and `target` are columns."""

    source: str
    target: str
    words: str
    code: str


def picture() -> str:
    """The whole file; ImportError or AttributeError names a step that no code does any more."""
    steps: tuple[Step, ...] = import_string(settings.WAY_OF_AN_ARRIVAL)
    columns = list(dict.fromkeys(name for step in steps for name in (step.source, step.target)))
    apart = WIDE / len(columns)
    at = {name: apart * (n + 0.5) for n, name in enumerate(columns)}
    shapes: list[str] = []
    y = float(TOP)
    for number, step in enumerate(steps, start=1):
        resolve_name(step.code)
        drawn, y = _step(number, step, at, y)
        shapes += drawn
    frame = [
        f'<path d="M{x:g} 44V{y:g}" stroke="#a9aeb1" stroke-dasharray="4 4"/>' for x in at.values()
    ]
    heads = [svg.box(x - 62, 12, 124, 32, FILL) for x in at.values()]
    names = [svg.text(x, 33, n, 14, "middle", 'font-weight="bold"') for n, x in at.items()]
    return svg.document(
        WIDE,
        y + 12,
        "An arrival's way from the gate to the lane",
        [*frame, *heads, *names, *shapes],
    )


def _step(number: int, step: Step, at: dict[str, float], y: float) -> tuple[list[str], float]:
    """The shapes of a step that begins at `y`, and where the next one begins."""
    begin, end = at[step.source], at[step.target]
    left = min(begin, end) + 8
    letters = int(min(360, WIDE - left - 8) / LETTER)
    lines = wrap(f"{number}  {step.words}", letters)
    shapes = [svg.text(left, y + 14 + n * 15, line, 12, more=HALO) for n, line in enumerate(lines)]
    below = y + 14 + 15 * len(lines)
    code = f'font-family="monospace" {HALO}'
    shapes.append(svg.text(left, below, step.code, 10, more=code))
    arrow = below + 8
    if begin == end:
        shapes.append(
            f'<path d="M{begin:g} {y + 6:g}h-12V{arrow:g}h10" fill="none" stroke="{svg.LINE}"'
            ' marker-end="url(#tip)"/>'
        )
    else:
        shapes.append(
            f'<path d="M{begin:g} {arrow:g}H{end:g}" stroke="{svg.LINE}" marker-end="url(#tip)"/>'
        )
    return shapes, arrow + 14
