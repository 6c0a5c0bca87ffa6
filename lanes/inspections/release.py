"""The release document read and drawn: the same facts on paper and on the page of its QR code."""

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import letter
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from lanes.inspections.services.release_document import LIMIT, TYPE
from trustedtruck.credentials.failures import Refusal
from trustedtruck.credentials.formats import images, jws, strict_json
from trustedtruck.credentials.queries.keys import current_keys

_WIDTH, _HEIGHT = letter
_LEFT, _QR = 22 * mm, 62 * mm


@dataclass(frozen=True, slots=True)
class Release:
    """What a document says, once its signature holds."""

    inspection_id: str
    port: str
    direction: str
    plate: str
    trip: str
    seals: tuple[str, ...]
    agencies: tuple[str, ...]
    released: str

    def facts(self) -> list[tuple[str, str]]:
        """In the language of the reader."""
        ways = {"northbound": _("northbound"), "southbound": _("southbound")}
        return [
            (_("Truck"), self.plate or "—"),
            (_("Trip"), self.trip or "—"),
            (_("Seals"), ", ".join(self.seals) or "—"),
            (_("Port"), f"{self.port}, {ways.get(self.direction, self.direction)}"),
            (_("Released"), self.released),
            (_("Released by"), ", ".join(self.agencies)),
            (_("Inspection"), self.inspection_id),
        ]


def read(token: str, *, at: datetime) -> Release:
    """The document behind a token. Raises `Refusal` unless a key of ours signed exactly this."""
    payload, _key = jws.open_signed(
        token, keys=current_keys(), purpose="credential", typ=TYPE, limit=LIMIT, at=at
    )
    return _release(strict_json.object_of(payload))


def _release(found: dict[str, Any]) -> Release:
    texts = [found.get(name) for name in ("jti", "port", "dir", "plate", "trip", "released")]
    lists = [found.get(name) for name in ("seals", "by")]
    if found.get("iss") != settings.BASE_URL:
        raise Refusal("issuer_mismatch")
    if not all(isinstance(text, str) for text in texts) or not all(
        isinstance(items, list) and all(isinstance(item, str) for item in items) for items in lists
    ):
        raise Refusal("claims_shape")
    jti, port, way, plate, trip, released = (str(text) for text in texts)
    seals, by = (tuple(items or ()) for items in lists)
    return Release(jti, port, way, plate, trip, seals, by, released)


def address(token: str) -> str:
    """Where the QR code leads."""
    return f"{settings.BASE_URL}/releases/{token}/"


def pdf(token: str, release: Release) -> bytes:
    """One page (US letter) for both countries: every line in English and in Spanish."""
    out = io.BytesIO()
    page = Canvas(out, pagesize=letter, invariant=True)
    page.setTitle(f"Release {release.plate}")
    y = _HEIGHT - 28 * mm
    columns = []
    for language in ("en", "es"):
        with translation.override(language):
            title = _("Release after a joint inspection")
            note = _("The QR code leads to a page that says whether this document is genuine.")
            columns.append((title, note, release.facts()))
    for size, (title, _note, _facts) in zip((18, 13), columns, strict=True):
        page.setFont("Helvetica-Bold", size)
        page.drawString(_LEFT, y, _latin(title))
        y -= 8 * mm
    y -= 4 * mm
    for (term, value), (termino, _valor) in zip(columns[0][2], columns[1][2], strict=True):
        page.setFont("Helvetica-Bold", 10)
        page.drawString(_LEFT, y, _latin(f"{term} / {termino}"))
        page.setFont("Helvetica", 12)
        page.drawString(_LEFT, y - 5 * mm, _latin(value)[:90])
        y -= 13 * mm
    _draw_qr(page, address(token), _LEFT, y - _QR)
    page.setFont("Helvetica", 9)
    for row, (_title, note, _facts) in enumerate(columns):
        page.drawString(_LEFT, y - _QR - (6 + 5 * row) * mm, _latin(note))
    page.showPage()
    page.save()
    return out.getvalue()


def _draw_qr(page: Canvas, text: str, x: float, y: float) -> None:
    rows = images.matrix(text)
    module = _QR / (len(rows) + 2 * images.QUIET)
    path = page.beginPath()
    for down, row in enumerate(rows, start=1 + images.QUIET):
        for right, dark in enumerate(row, start=images.QUIET):
            if dark:
                path.rect(x + right * module, y + _QR - down * module, module, module)
    page.drawPath(path, stroke=0, fill=1)


def _latin(text: str) -> str:
    """The fonts that every PDF reader has know Latin 1 only."""
    return text.replace("—", "-").encode("latin-1", "replace").decode("latin-1")
