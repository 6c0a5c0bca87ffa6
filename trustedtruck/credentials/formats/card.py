"""The printable card: ISO/IEC 7810 ID-1, as PDF, drawn by hand so that the QR stays sharp."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from trustedtruck.core.printing import fonts, line
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
    regular, bold = fonts()
    for card in cards:
        _draw(canvas, card, regular, bold)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw(canvas: Canvas, card: Card, regular: str, bold: str) -> None:
    band = 9 * mm
    canvas.setFillColorRGB(*_NAVY)
    canvas.rect(0, HEIGHT - band, WIDTH, band, stroke=0, fill=1)
    canvas.setFillColorRGB(*_GOLD)
    canvas.rect(0, HEIGHT - band - 0.8 * mm, WIDTH, 0.8 * mm, stroke=0, fill=1)
    canvas.setFillColorRGB(1, 1, 1)
    line(canvas, card.programme, bold, 9, _MARGIN, HEIGHT - 6 * mm, WIDTH / 2)
    canvas.setFont(regular, 8)
    canvas.drawRightString(WIDTH - _MARGIN, HEIGHT - 6 * mm, card.heading)
    room = WIDTH - _QR - 2 * _MARGIN
    at = HEIGHT - band - 6 * mm
    canvas.setFillColorRGB(*_NAVY)
    line(canvas, card.title, bold, 10, _MARGIN, at, room)
    for label, value in card.lines:
        at -= 7.2 * mm
        canvas.setFillColorRGB(*_GREY)
        line(canvas, label, regular, 5, _MARGIN, at + 2.9 * mm, room)
        canvas.setFillColorRGB(0, 0, 0)
        line(canvas, value, regular, 7.5, _MARGIN, at, room)
    canvas.setFillColorRGB(*_GREY)
    line(canvas, card.number, regular, 4.2, _MARGIN, 2.2 * mm, room)
    qr(canvas, card.qr, WIDTH - _QR - 0.5 * mm, 0.5 * mm, _QR)


def qr(canvas: Canvas, text: str, x: float, y: float, size: float) -> None:
    """A QR code of `size` points with its quiet zone; (x, y) is its lower left corner."""
    rows = images.matrix(text)
    module = size / (len(rows) + 2 * images.QUIET)
    left, top = x + images.QUIET * module, y + size - images.QUIET * module
    path = canvas.beginPath()
    for down, row in enumerate(rows, start=1):
        right = 0
        while right < len(row):
            # Modules side by side are one shape, or a hair of white would show between them.
            run = next((n for n, dark in enumerate(row[right:]) if not dark), len(row) - right)
            if run:
                path.rect(left + right * module, top - down * module, run * module, module)
            right += run or 1
    canvas.setFillColorRGB(0, 0, 0)
    canvas.drawPath(path, stroke=0, fill=1)
