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
from trustedtruck.core.printing import fonts, line
from trustedtruck.credentials.failures import Refusal
from trustedtruck.credentials.formats import jws, strict_json
from trustedtruck.credentials.formats.card import qr
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
            (_("Released"), f"{self.released[:10]} {self.released[11:16]} UTC"),
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
    regular, bold = fonts()
    room = _WIDTH - 2 * _LEFT
    for size, (title, _note, _facts) in zip((18, 13), columns, strict=True):
        line(page, title, bold, size, _LEFT, y, room)
        y -= 8 * mm
    y -= 4 * mm
    for (term, value), (termino, valor) in zip(columns[0][2], columns[1][2], strict=True):
        line(page, f"{term} / {termino}", bold, 9, _LEFT, y, room)
        both = value if value == valor else f"{value} / {valor}"
        line(page, both, regular, 11, _LEFT, y - 5 * mm, room)
        y -= 13 * mm
    qr(page, address(token), _LEFT, y - _QR, _QR)
    for row, (_title, note, _facts) in enumerate(columns):
        line(page, note, regular, 9, _LEFT, y - _QR - (6 + 5 * row) * mm, room)
    page.showPage()
    page.save()
    return out.getvalue()
