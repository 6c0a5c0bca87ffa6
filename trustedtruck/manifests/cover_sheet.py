"""The cover sheet that a driver hands over: one page, with the trip number as a barcode."""

import io

from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import letter
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from trustedtruck.core.printing import fonts, line
from trustedtruck.manifests.models import Trip

LEFT, TERM = 20 * mm, 45 * mm
WIDTH, HEIGHT = letter
MAX_SHIPMENTS = 24


def render(trip: Trip) -> bytes:
    """The sheet as PDF (US letter): trip number as Code 128, truck, equipment, seals, shipments.

    The page names no person: it lies open on a dashboard.
    """
    # It reads most of reportlab, and no truck waits for a cover sheet.
    from reportlab.graphics.barcode.code128 import Code128

    out = io.BytesIO()
    page = Canvas(out, pagesize=letter, invariant=True)
    page.setTitle(trip.trip_number)
    page.setSubject(_("Truck manifest cover sheet"))
    bars = Code128(trip.trip_number, barHeight=22 * mm, barWidth=0.42 * mm, quiet=True)
    _regular, bold = fonts()
    line(page, _("Truck manifest cover sheet"), bold, 20, LEFT, HEIGHT - 25 * mm, WIDTH - 2 * LEFT)
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

    def say(self, term: str, text: str) -> None:
        regular, bold = fonts()
        line(self.page, term, bold, 10, LEFT, self.y, TERM - 3 * mm)
        line(self.page, text or "—", regular, 10, LEFT + TERM, self.y, WIDTH - 2 * LEFT - TERM)
        self.y -= 6.5 * mm

    def write(self, trip: Trip) -> None:
        eta = trip.estimated_arrival_at
        self.say(_("Carrier"), f"{trip.carrier.scac}  {trip.carrier.legal_name}")
        self.say(_("Port"), trip.port_code)
        self.say(_("Expected"), eta.strftime("%Y-%m-%d %H:%M UTC") if eta else "")
        self.say(_("State"), f"{trip.get_state_display()}, {_('version')} {trip.version}")
        plate = f"{trip.plate_jurisdiction} {trip.plate_number}".strip()
        self.say(_("Truck"), f"{trip.truck_number}  {plate}")
        for unit in trip.equipment.prefetch_related("seals"):
            load = _("loaded") if unit.loaded else _("empty")
            seals = ", ".join(s.number for s in unit.seals.all())
            own = f"{unit.number}  {unit.plate_jurisdiction} {unit.plate_number}  {load}"
            self.say(_("Equipment"), own)
            if seals:
                self.say(_("Seals"), seals)
        numbers = list(trip.shipments.values_list("control_number", flat=True))
        self.say(_("Shipments"), str(len(numbers)))
        self.page.setFont("Courier", 11)
        for i in range(0, min(len(numbers), MAX_SHIPMENTS), 3):
            self.page.drawString(LEFT + TERM, self.y, "   ".join(numbers[i : i + 3]))
            self.y -= 5.5 * mm
