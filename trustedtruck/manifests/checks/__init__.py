"""What a filing must fulfil, whatever format it came in: all errors at once, with their fields.

`check` is pure but for the language of its texts. Sources: CBP's truck manifest formats for the
lengths and shapes; the identifiers' own checks in `trustedtruck.identifiers`.
"""

import datetime as dt
import re
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from trustedtruck.core.errors import FieldError
from trustedtruck.identifiers import port_code, scac, trip_number
from trustedtruck.manifests import document as doc
from trustedtruck.manifests.checks.findings import Findings
from trustedtruck.manifests.checks.shipments import check_shipment
from trustedtruck.manifests.checks.trips import check_trip

_CONTROL = re.compile(r"[A-Z0-9-]{0,32}")


class Result(NamedTuple):
    """The filing in normal form, what forbids it, and what is only odd."""

    filing: doc.Filing
    errors: tuple[FieldError, ...]
    warnings: tuple[FieldError, ...]


def check(filing: doc.Filing, *, at: dt.datetime) -> Result:
    """Judge a filing. `at` is now, for dates that cannot lie in the future."""
    found = Findings(at)
    made = _checked(found, filing)
    return Result(made, tuple(found.errors), tuple(found.warnings))


def _checked(found: Findings, f: doc.Filing) -> doc.Filing:
    carrier = found.identifier("scac", f.scac, scac.check, required=True)
    number = f.trip_number
    if number:
        number = found.of_carrier("trip_number", number, trip_number.check, carrier)
    elif f.trip is not None or f.purpose == "delete":
        found.missing("trip_number")
    control = found.shape(
        "control_number",
        f.control_number,
        _CONTROL,
        "control_number",
        _("Use at most 32 letters, digits and hyphens."),
        False,
    )
    trip = None if f.trip is None else check_trip(found, f.trip, strict=f.purpose != "preliminary")
    shipments = tuple(
        check_shipment(found, f"shipments.{i}", s, carrier) for i, s in enumerate(f.shipments)
    )
    found.at_most("shipments", shipments, doc.MAX_SHIPMENTS)
    _duplicates(found, shipments)
    if trip is not None:
        _together(found, trip, shipments, f)
    return doc.Filing(
        purpose=f.purpose,
        scac=carrier,
        trip_number=number,
        control_number=control,
        port=found.identifier("port", f.port, port_code.check),
        trip=trip,
        shipments=shipments,
        links=_control_numbers(found, "links", f.links, carrier),
        delinks=_control_numbers(found, "delinks", f.delinks, carrier),
        deletes=_control_numbers(found, "deletes", f.deletes, carrier),
        replaces=f.replaces,
    )


def _control_numbers(
    found: Findings, path: str, given: tuple[str, ...], carrier: str
) -> tuple[str, ...]:
    return tuple(found.control_number(f"{path}.{i}", text, carrier) for i, text in enumerate(given))


def _duplicates(found: Findings, shipments: tuple[doc.Shipment, ...]) -> None:
    seen: set[str] = set()
    for i, shipment in enumerate(shipments):
        if shipment.control_number and shipment.control_number in seen:
            found.wrong(
                f"shipments.{i}.control_number",
                "duplicate",
                _("This shipment control number stands twice in this message."),
            )
        seen.add(shipment.control_number)


def _together(
    found: Findings, trip: doc.Trip, shipments: tuple[doc.Shipment, ...], f: doc.Filing
) -> None:
    """What trip and shipments must say about each other."""
    numbers = {e.number for e in trip.equipment}
    for i, shipment in enumerate(shipments):
        if shipment.equipment and shipment.equipment not in numbers:
            found.wrong(
                f"shipments.{i}.equipment",
                "no_such_equipment",
                _("No equipment of this trip has this number."),
            )
    if f.replaces and f.purpose in ("complete", "amendment"):
        loaded = any(e.loaded for e in trip.equipment)
        if shipments and trip.equipment and not loaded:
            found.wrong(
                "equipment", "empty_with_shipments", _("Shipments stand on an empty truck.")
            )
        if loaded and not shipments and not f.links:
            found.wrong("shipments", "required", _("A loaded trip needs at least one shipment."))
    if trip.gross_weight_kg is not None:
        cargo = sum((c.weight_kg for s in shipments for c in s.commodities), Decimal(0))
        if cargo > trip.gross_weight_kg:
            found.wrong(
                "gross_weight_kg",
                "less_than_cargo",
                _("The truck with its cargo cannot weigh less than the cargo."),
            )
