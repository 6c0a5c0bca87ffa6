"""The few shapes that the pictures are made of, as SVG for a file."""

from collections.abc import Iterable
from html import escape
from textwrap import wrap

INK, LINE, PALE = "#1b1b1b", "#565c65", "#ffffff"


def text(
    x: float, y: float, words: str, size: int = 13, anchor: str = "start", more: str = ""
) -> str:
    """One line; `more` is further attributes."""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" fill="{INK}"'
        f"{' ' + more if more else ''}>{escape(words)}</text>"
    )


def paragraph(x: float, y: float, words: str, width: int, size: int = 12) -> list[str]:
    """Lines of at most `width` characters, one below the other."""
    return [text(x, y + n * (size + 3), line, size) for n, line in enumerate(wrap(words, width))]


def box(x: float, y: float, wide: float, high: float, fill: str = PALE) -> str:
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}" rx="4" fill="{fill}"'
        f' stroke="{LINE}"/>'
    )


def document(wide: float, high: float, title: str, shapes: Iterable[str]) -> str:
    """The whole file; `title` is read to those who do not see it."""
    inside = "\n".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {high:g}" role="img"'
        f' font-family="sans-serif"><title>{escape(title)}</title>\n'
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7"'
        f' markerHeight="7" orient="auto"><path d="M0 0L10 5L0 10z" fill="{LINE}"/></marker>'
        "</defs>\n"
        f'<rect width="100%" height="100%" fill="{PALE}"/>\n{inside}\n</svg>\n'
    )
