"""The cover sheet that a driver hands over: one page, with the trip number as a barcode."""

import io

from django.utils.translation import gettext as _
from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.pagesizes import letter
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from trustedtruck.manifests.models import Trip

LEFT = 20 * mm
WIDTH, HEIGHT = letter
MAX_SHIPMENTS = 24


def render(trip: Trip) -> bytes:
    """The sheet as PDF (US letter): trip number as Code 128, truck, equipment, seals, shipments.

    The page names no person: it lies open on a dashboard.
    """
    out = io.BytesIO()
    page = Canvas(out, pagesize=letter, invariant=True)
    page.setTitle(trip.trip_number)
    page.setSubject(_("Truck manifest cover sheet"))
    bars = Code128(trip.trip_number, barHeight=22 * mm, barWidth=0.42 * mm, quiet=True)
    page.setFont("Helvetica-Bold", 20)
    page.drawString(LEFT, HEIGHT - 25 * mm, _("Truck manifest cover sheet"))
    bars.drawOn(page, LEFT, HEIGHT - 58 * mm)
    page.setFont("Courier-Bold", 18)
    page.drawString(LEFT, HEIGHT - 68 * mm, trip.trip_number)
    _Lines(page, HEIGHT - 82 * mm).write(trip)
    page.showPage()
    page.save()
    return out.getvalue()


class _Lines:
    """Writes down the page, line by line."""

    def __init__(self, page: Canvas, y: float) -> None:
        self.page = page
        self.y = y

    def line(self, term: str, text: str) -> None:
        self.page.setFont("Helvetica-Bold", 11)
        self.page.drawString(LEFT, self.y, _latin(term))
        self.page.setFont("Helvetica", 11)
        self.page.drawString(LEFT + 45 * mm, self.y, _latin(text or "-")[:75])
        self.y -= 6.5 * mm

    def write(self, trip: Trip) -> None:
        eta = trip.estimated_arrival_at
        self.line(_("Carrier"), f"{trip.carrier.scac}  {trip.carrier.legal_name}")
        self.line(_("Port"), trip.port_code)
        self.line(_("Expected"), eta.strftime("%Y-%m-%d %H:%M UTC") if eta else "")
        self.line(_("State"), f"{trip.get_state_display()}, {_('version')} {trip.version}")
        plate = f"{trip.plate_jurisdiction} {trip.plate_number}".strip()
        self.line(_("Truck"), f"{trip.truck_number}  {plate}")
        for unit in trip.equipment.prefetch_related("seals"):
            load = _("loaded") if unit.loaded else _("empty")
            seals = ", ".join(s.number for s in unit.seals.all())
            own = f"{unit.number}  {unit.plate_jurisdiction} {unit.plate_number}  {load}"
            self.line(_("Equipment"), own)
            if seals:
                self.line(_("Seals"), seals)
        numbers = list(trip.shipments.values_list("control_number", flat=True))
        self.line(_("Shipments"), str(len(numbers)))
        self.page.setFont("Courier", 11)
        for i in range(0, min(len(numbers), MAX_SHIPMENTS), 3):
            self.page.drawString(LEFT + 45 * mm, self.y, "   ".join(numbers[i : i + 3]))
            self.y -= 5.5 * mm


def _latin(text: str) -> str:
    """The fonts that every PDF reader has know Latin 1 only."""
    return text.encode("latin-1", "replace").decode("latin-1")
