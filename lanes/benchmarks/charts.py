"""Bars as SVG, for the page that the measurement writes."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape  # writes XML  # nosec B406

# Of the USWDS palette, told apart by people who see no colours well; grey is the bare floor.
COLOURS = ("#a9aeb1", "#e5a000", "#005ea2")
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 640, 300, 56, 48, 40


def bars(
    title: str, unit: str, series: Mapping[str, Sequence[float]], groups: Sequence[str]
) -> str:
    """Grouped bars: one group for each of `groups`, in it one bar of each series."""
    highest = max(value for values in series.values() for value in values) or 1.0
    step = (WIDTH - LEFT - 16) / len(groups)
    wide = step * 0.8 / len(series)
    scale = (HEIGHT - TOP - BOTTOM) / highest
    parts = [_text(LEFT, 18, f"{title} ({unit})", 14, "start")]
    for n, name in enumerate(series):
        at = LEFT + n * 150
        parts.append(f'<rect x="{at}" y="28" width="10" height="10" fill="{COLOURS[n]}"/>')
        parts.append(_text(at + 15, 37, name, 11, "start"))
    for n, (values, colour) in enumerate(zip(series.values(), COLOURS, strict=False)):
        for place, value in enumerate(values):
            x = LEFT + place * step + step * 0.1 + n * wide
            high = value * scale
            y = HEIGHT - BOTTOM - high
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide - 3:.1f}" height="{high:.1f}"'
                f' fill="{colour}"/>'
            )
            parts.append(_text(x + wide / 2 - 1.5, y - 3, f"{value:,.3g}", 10, "middle"))
    for place, group in enumerate(groups):
        parts.append(_text(LEFT + (place + 0.5) * step, HEIGHT - 18, group, 12, "middle"))
    floor = HEIGHT - BOTTOM
    parts.append(f'<path d="M{LEFT} {floor}H{WIDTH - 16}" stroke="#565c65"/>')
    inside = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' font-family="sans-serif"><title>{escape(title)}</title>\n'
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n{inside}\n</svg>\n'
    )


def _text(x: float, y: float, text: str, size: int, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}"'
        f' fill="#1b1b1b">{escape(text)}</text>'
    )
