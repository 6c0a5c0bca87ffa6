"""What every printed page shares: fonts of its own, and lines that fit."""

import functools
from pathlib import Path

import reportlab
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

SMALLEST = 3.5


@functools.cache
def fonts() -> tuple[str, str]:
    """Regular and bold; they travel in the file, so that accents print the same everywhere."""
    folder = Path(reportlab.__file__).parent / "fonts"
    for name in ("Vera", "VeraBd"):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    return "Vera", "VeraBd"


def line(
    canvas: Canvas, text: str, font: str, size: float, x: float, y: float, room: float
) -> None:
    """One line, set smaller where it would not fit into `room`."""
    width = pdfmetrics.stringWidth(text, font, size)
    canvas.setFont(font, size if width <= room else max(SMALLEST, size * room / width))
    canvas.drawString(x, y, text)
