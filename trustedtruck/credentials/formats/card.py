"""The printable card: ISO/IEC 7810 ID-1, as PDF, drawn by hand so that the QR stays sharp."""

import functools
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import reportlab
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from trustedtruck.credentials.formats import images

WIDTH, HEIGHT = 85.6 * mm, 53.98 * mm
_MARGIN = 4 * mm
_QR = 42 * mm
_NAVY, _GREY, _GOLD = (0.09, 0.18, 0.32), (0.35, 0.37, 0.4), (0.98, 0.78, 0.2)


@dataclass(frozen=True)
class Card:
    """What stands on a card; all texts in the language it is printed in."""

    programme: str
    heading: str
    title: str
    lines: Sequence[tuple[str, str]]
    number: str
    qr: str


def pdf(cards: Sequence[Card]) -> bytes:
    """One page a card."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT), invariant=True)
    canvas.setTitle(cards[0].title if len(cards) == 1 else cards[0].programme)
    regular, bold = _fonts()
    for card in cards:
        _draw(canvas, card, regular, bold)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


@functools.cache
def _fonts() -> tuple[str, str]:
    # Embedded, so that accents print the same on every printer.
    folder = Path(reportlab.__file__).parent / "fonts"
    for name in ("Vera", "VeraBd"):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    return "Vera", "VeraBd"


def _draw(canvas: Canvas, card: Card, regular: str, bold: str) -> None:
    band = 9 * mm
    canvas.setFillColorRGB(*_NAVY)
    canvas.rect(0, HEIGHT - band, WIDTH, band, stroke=0, fill=1)
    canvas.setFillColorRGB(*_GOLD)
    canvas.rect(0, HEIGHT - band - 0.8 * mm, WIDTH, 0.8 * mm, stroke=0, fill=1)
    canvas.setFillColorRGB(1, 1, 1)
    _text(canvas, card.programme, bold, 9, _MARGIN, HEIGHT - 6 * mm, WIDTH / 2)
    canvas.setFont(regular, 8)
    canvas.drawRightString(WIDTH - _MARGIN, HEIGHT - 6 * mm, card.heading)
    room = WIDTH - _QR - 2 * _MARGIN
    at = HEIGHT - band - 6 * mm
    canvas.setFillColorRGB(*_NAVY)
    _text(canvas, card.title, bold, 10, _MARGIN, at, room)
    for label, value in card.lines:
        at -= 7.2 * mm
        canvas.setFillColorRGB(*_GREY)
        _text(canvas, label, regular, 5, _MARGIN, at + 2.9 * mm, room)
        canvas.setFillColorRGB(0, 0, 0)
        _text(canvas, value, regular, 7.5, _MARGIN, at, room)
    canvas.setFillColorRGB(*_GREY)
    _text(canvas, card.number, regular, 4.2, _MARGIN, 2.2 * mm, room)
    _qr(canvas, card.qr)


def _text(
    canvas: Canvas, text: str, font: str, size: float, x: float, y: float, room: float
) -> None:
    """One line, set smaller where it would not fit."""
    width = pdfmetrics.stringWidth(text, font, size)
    canvas.setFont(font, size if width <= room else max(3.5, size * room / width))
    canvas.drawString(x, y, text)


def _qr(canvas: Canvas, text: str) -> None:
    rows = images.matrix(text)
    module = _QR / (len(rows) + 2 * images.QUIET)
    left = WIDTH - _QR - 0.5 * mm + images.QUIET * module
    top = _QR - images.QUIET * module + 0.5 * mm
    canvas.setFillColorRGB(0, 0, 0)
    path = canvas.beginPath()
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            run = 0
            while x + run < len(row) and row[x + run]:
                run += 1
            if run:
                path.rect(left + x * module, top - (y + 1) * module, run * module, module)
            x += run or 1
    canvas.drawPath(path, stroke=0, fill=1)
