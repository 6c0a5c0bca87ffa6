"""What a filing must fulfil, whatever format it came in: all errors at once, with their fields.

`check` is pure but for the language of its texts. Sources: CBP's truck manifest formats for the
lengths and shapes; the identifiers' own checks in `trustedtruck.identifiers`.
"""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from trustedtruck.core.errors import FieldError, Text
from trustedtruck.identifiers import (
    epc,
    fast_card,
    hs,
    iso6346,
    jurisdiction,
    pedimento,
    plate,
    port_code,
    scac,
    seal,
    shipment_control_number,
    trip_number,
    usdot,
    vin,
)
from trustedtruck.identifiers.checked import Checked
from trustedtruck.manifests import document as doc
from trustedtruck.manifests import hs_table

MAX_WEIGHT_KG = Decimal(100_000)  # no truck that may use a road weighs more
MAX_QUANTITY = 999_999_999
MAX_VALUE_USD = 9_999_999_999
MAX_AHEAD = dt.timedelta(days=90)
MAX_LATE = dt.timedelta(days=1)

_COUNTRY = re.compile(r"[A-Z]{2}")
_NUMBER = re.compile(r"[A-Z0-9-]{1,17}")
_UNIT = re.compile(r"[A-Z0-9]{2,3}")
_UN = re.compile(r"[0-9]{4}")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_CONTROL = re.compile(r"[A-Z0-9-]{0,32}")

Check = Callable[[str], Checked]


class Result(NamedTuple):
    """The filing in normal form, what forbids it, and what is only odd."""

    filing: doc.Filing
    errors: tuple[FieldError, ...]
    warnings: tuple[FieldError, ...]


def check(filing: doc.Filing, *, at: dt.datetime) -> Result:
    """Judge a filing. `at` is now, for dates that cannot lie in the future."""
    return _Checker(at).filing(filing)


@lru_cache(maxsize=8192)
def _cached(check_one: Check, text: str) -> Checked:
    return check_one(text)


class _Checker:
    def __init__(self, at: dt.datetime) -> None:
        self.at = at
        self.errors: list[FieldError] = []
        self.warnings: list[FieldError] = []

    def wrong(self, path: str, code: str, text: Text) -> None:
        self.errors.append(FieldError(path, code, text))

    def missing(self, path: str) -> None:
        self.wrong(path, "required", _("This is missing."))

    def identifier(self, path: str, text: str, check_one: Check, *, required: bool = False) -> str:
        if not text:
            if required:
                self.missing(path)
            return ""
        checked = _cached(check_one, text)
        if checked.errors or checked.warnings:
            for found in checked.errors:
                self.wrong(path, found.code, gettext(found.text) % found.params)
            for found in checked.warnings:
                self.warnings.append(
                    FieldError(path, found.code, gettext(found.text) % found.params)
                )
        return checked.value

    def text(self, path: str, text: str, most: int, *, required: bool = False) -> str:
        if not text:
            if required:
                self.missing(path)
        elif len(text) > most:
            self.wrong(
                path, "too_long", _("At most %(most)d characters fit here.") % {"most": most}
            )
        elif not text.isprintable():
            self.wrong(path, "unprintable", _("This holds a character that cannot be printed."))
        return text

    def shape(
        self, path: str, text: str, pattern: re.Pattern[str], code: str, say: Text, required: bool
    ) -> str:
        value = text.upper()
        if not value:
            if required:
                self.missing(path)
        elif not pattern.fullmatch(value):
            self.wrong(path, code, say)
        return value

    def country(self, path: str, text: str, *, required: bool = False) -> str:
        say = _("Write the two letters of the country, like US or MX.")
        return self.shape(path, text, _COUNTRY, "country", say, required)

    # --- the whole -----------------------------------------------------------------------------
    def filing(self, f: doc.Filing) -> Result:
        carrier = self.identifier("scac", f.scac, scac.check, required=True)
        number = f.trip_number
        if number:
            checked = trip_number.check(number, carrier if len(carrier) == 4 else "")
            for found in checked.errors:
                self.wrong("trip_number", found.code, gettext(found.text) % found.params)
            number = checked.value
        elif f.trip is not None or f.purpose == "delete":
            self.missing("trip_number")
        control = self.shape(
            "control_number",
            f.control_number,
            _CONTROL,
            "control_number",
            _("Use at most 32 letters, digits and hyphens."),
            False,
        )
        trip = None if f.trip is None else self.trip(f.trip, strict=f.purpose != "preliminary")
        shipments = tuple(
            self.shipment(f"shipments.{i}", s, carrier) for i, s in enumerate(f.shipments)
        )
        self.duplicates(shipments)
        if trip is not None:
            self.together(trip, shipments, f)
        made = doc.Filing(
            purpose=f.purpose,
            scac=carrier,
            trip_number=number,
            control_number=control,
            port=self.identifier("port", f.port, port_code.check),
            trip=trip,
            shipments=shipments,
            links=self.control_numbers("links", f.links, carrier),
            delinks=self.control_numbers("delinks", f.delinks, carrier),
            deletes=self.control_numbers("deletes", f.deletes, carrier),
            replaces=f.replaces,
        )
        return Result(made, tuple(self.errors), tuple(self.warnings))

    def control_numbers(self, path: str, given: tuple[str, ...], carrier: str) -> tuple[str, ...]:
        return tuple(
            self.control_number(f"{path}.{i}", text, carrier) for i, text in enumerate(given)
        )

    def control_number(self, path: str, text: str, carrier: str) -> str:
        if not text:
            self.missing(path)
            return ""
        checked = shipment_control_number.check(text, carrier if len(carrier) == 4 else "")
        for found in checked.errors:
            self.wrong(path, found.code, gettext(found.text) % found.params)
        return checked.value

    def duplicates(self, shipments: tuple[doc.Shipment, ...]) -> None:
        seen: set[str] = set()
        for i, shipment in enumerate(shipments):
            if shipment.control_number and shipment.control_number in seen:
                self.wrong(
                    f"shipments.{i}.control_number",
                    "duplicate",
                    _("This shipment control number stands twice in this message."),
                )
            seen.add(shipment.control_number)

    def together(self, trip: doc.Trip, shipments: tuple[doc.Shipment, ...], f: doc.Filing) -> None:
        """What trip and shipments must say about each other."""
        numbers = {e.number for e in trip.equipment}
        for i, shipment in enumerate(shipments):
            if shipment.equipment and shipment.equipment not in numbers:
                self.wrong(
                    f"shipments.{i}.equipment",
                    "no_such_equipment",
                    _("No equipment of this trip has this number."),
                )
        if f.replaces and f.purpose in ("complete", "amendment"):
            loaded = any(e.loaded for e in trip.equipment)
            if shipments and trip.equipment and not loaded:
                self.wrong(
                    "equipment", "empty_with_shipments", _("Shipments stand on an empty truck.")
                )
            if loaded and not shipments and not f.links:
                self.wrong("shipments", "required", _("A loaded trip needs at least one shipment."))
        if trip.gross_weight_kg is not None:
            cargo = sum((c.weight_kg for s in shipments for c in s.commodities), Decimal(0))
            if cargo > trip.gross_weight_kg:
                self.wrong(
                    "gross_weight_kg",
                    "less_than_cargo",
                    _("The truck with its cargo cannot weigh less than the cargo."),
                )

    # --- the trip ------------------------------------------------------------------------------
    def trip(self, t: doc.Trip, *, strict: bool) -> doc.Trip:
        eta = t.estimated_arrival_at
        if strict and t.conveyance is None:
            self.missing("conveyance")
        if eta is None:
            if strict:
                self.missing("estimated_arrival_at")
        else:
            if eta > self.at + MAX_AHEAD:
                self.wrong(
                    "estimated_arrival_at",
                    "too_far_ahead",
                    _("A trip can be filed at most 90 days ahead."),
                )
            elif eta < self.at - MAX_LATE:
                self.wrong("estimated_arrival_at", "in_the_past", _("This time is long past."))
        if strict and not any(p.role == "driver" for p in t.crew):
            self.wrong("crew", "no_driver", _("A trip needs a driver."))
        weight = t.gross_weight_kg
        if weight is not None and not 0 < weight <= MAX_WEIGHT_KG:
            self.range("gross_weight_kg", MAX_WEIGHT_KG)
        equipment = tuple(self.equipment(f"equipment.{i}", e) for i, e in enumerate(t.equipment))
        made = doc.Trip(
            port=self.identifier("port", t.port, port_code.check, required=True),
            estimated_arrival_at=eta,
            conveyance=None if t.conveyance is None else self.conveyance(t.conveyance, strict),
            equipment=equipment,
            crew=tuple(self.person(f"crew.{i}", p) for i, p in enumerate(t.crew)),
            gross_weight_kg=weight,
        )
        self.once(
            [(f"equipment.{i}.number", e.number) for i, e in enumerate(equipment)],
            _("This equipment number stands twice."),
        )
        places = [
            (f"equipment.{i}.seals.{j}.number", s.number)
            for i, e in enumerate(equipment)
            for j, s in enumerate(e.seals)
        ]
        if made.conveyance is not None:
            places += [
                (f"conveyance.seals.{j}.number", s.number)
                for j, s in enumerate(made.conveyance.seals)
            ]
        self.once(places, _("This seal number stands twice: a seal closes one door."))
        return made

    def once(self, places: list[tuple[str, str]], say: Text) -> None:
        seen: set[str] = set()
        for path, value in places:
            if value and value in seen:
                self.wrong(path, "duplicate", say)
            seen.add(value)

    def range(self, path: str, most: Decimal | int) -> None:
        self.wrong(
            path,
            "out_of_range",
            _("This must be more than 0 and at most %(most)s.") % {"most": most},
        )

    def conveyance(self, c: doc.Conveyance, strict: bool) -> doc.Conveyance:
        return doc.Conveyance(
            kind=c.kind,
            number=self.own_number("conveyance.number", c.number, required=strict),
            vin=self.identifier("conveyance.vin", c.vin, vin.check),
            plate=self.plate("conveyance.plate", c.plate, required=strict),
            usdot=self.identifier("conveyance.usdot", c.usdot, usdot.check),
            tag_epc=self.identifier("conveyance.tag_epc", c.tag_epc, epc.check),
            seals=self.seals("conveyance.seals", c.seals),
        )

    def own_number(self, path: str, text: str, *, required: bool) -> str:
        say = _("Use 1 to 17 letters, digits and hyphens.")
        return self.shape(path, text.replace(" ", ""), _NUMBER, "number", say, required)

    def plate(self, path: str, p: doc.Plate, *, required: bool) -> doc.Plate:
        if not p.number and not p.jurisdiction:
            if required:
                self.missing(path)
            return p
        number = self.identifier(f"{path}.number", p.number, plate.check, required=True)
        place = self.identifier(
            f"{path}.jurisdiction", p.jurisdiction, jurisdiction.check, required=True
        )
        return doc.Plate(number, place)

    def equipment(self, path: str, e: doc.Equipment) -> doc.Equipment:
        if e.kind == "container":
            number = self.identifier(f"{path}.number", e.number, iso6346.check, required=True)
        else:
            number = self.own_number(f"{path}.number", e.number, required=True)
        return doc.Equipment(
            kind=e.kind,
            number=number,
            plate=self.plate(f"{path}.plate", e.plate, required=e.kind == "trailer"),
            loaded=e.loaded,
            seals=self.seals(f"{path}.seals", e.seals),
        )

    def seals(self, path: str, given: tuple[doc.Seal, ...]) -> tuple[doc.Seal, ...]:
        return tuple(
            doc.Seal(
                self.identifier(f"{path}.{i}.number", s.number, seal.check, required=True), s.grade
            )
            for i, s in enumerate(given)
        )

    def person(self, path: str, p: doc.Person) -> doc.Person:
        return doc.Person(
            role=p.role,
            given_names=self.text(f"{path}.given_names", p.given_names, 30, required=True),
            family_names=self.text(f"{path}.family_names", p.family_names, 30, required=True),
            birth_date=self.birth_date(f"{path}.birth_date", p.birth_date),
            citizenship=self.country(f"{path}.citizenship", p.citizenship, required=True),
            gender=p.gender,
            fast_card=self.identifier(f"{path}.fast_card", p.fast_card, fast_card.check),
            documents=tuple(
                doc.PersonDocument(
                    d.kind,
                    self.text(f"{path}.documents.{i}.number", d.number, 30, required=True),
                    self.country(f"{path}.documents.{i}.country", d.country),
                )
                for i, d in enumerate(p.documents)
            ),
        )

    def birth_date(self, path: str, text: str) -> str:
        if not text:
            self.missing(path)
            return text
        match = _DATE.fullmatch(text)
        try:
            day = dt.date(*map(int, match.groups())) if match else None
        except ValueError:
            day = None
        if day is None:
            self.wrong(path, "date", _("Write year, month and day in that order: 1980-12-31."))
        elif not dt.date(1900, 1, 1) <= day <= self.at.date():
            self.wrong(path, "out_of_range", _("This cannot be the birth date of a person aboard."))
        return text

    # --- shipments -----------------------------------------------------------------------------
    def shipment(self, path: str, s: doc.Shipment, carrier: str) -> doc.Shipment:
        roles = [p.role for p in s.parties]
        for role in ("shipper", "consignee"):
            if role not in roles:
                self.wrong(
                    f"{path}.parties",
                    f"no_{role}",
                    _("A shipment needs a shipper.")
                    if role == "shipper"
                    else _("A shipment needs a consignee."),
                )
        if len(set(roles)) < len(roles):
            self.wrong(f"{path}.parties", "duplicate", _("A role stands twice in one shipment."))
        if not s.commodities:
            self.wrong(
                f"{path}.commodities", "required", _("A shipment needs at least one commodity.")
            )
        if s.equipment:
            self.own_number(f"{path}.equipment", s.equipment, required=False)
        return doc.Shipment(
            control_number=self.control_number(f"{path}.control_number", s.control_number, carrier),
            release=s.release,
            equipment=s.equipment.replace(" ", "").upper(),
            parties=tuple([self.party(f"{path}.parties.{i}", p) for i, p in enumerate(s.parties)]),
            commodities=tuple(
                [self.commodity(f"{path}.commodities.{i}", c) for i, c in enumerate(s.commodities)]
            ),
            pedimento=self.identifier(f"{path}.pedimento", s.pedimento, pedimento.check),
        )

    def party(self, path: str, p: doc.Party) -> doc.Party:
        return doc.Party(
            p.role,
            self.text(f"{path}.name", p.name, 60, required=True),
            self.text(f"{path}.line", p.line, 110),
            self.text(f"{path}.city", p.city, 60),
            self.text(f"{path}.region", p.region.upper(), 3),
            self.text(f"{path}.postal_code", p.postal_code.upper(), 15),
            self.country(f"{path}.country", p.country),
            self.text(f"{path}.programme_number", p.programme_number.upper(), 32),
        )

    def hs_code(self, path: str, text: str) -> str:
        code = self.identifier(path, text, hs.check)
        if len(code) >= 6 and not hs_table.is_known(code):
            self.warnings.append(
                FieldError(path, "hs_unknown", _("The tariff of 2022 has no such commodity code."))
            )
        return code

    def commodity(self, path: str, c: doc.Commodity) -> doc.Commodity:
        if not 0 < c.quantity <= MAX_QUANTITY:
            self.range(f"{path}.quantity", MAX_QUANTITY)
        if not 0 < c.weight_kg <= MAX_WEIGHT_KG:
            self.range(f"{path}.weight_kg", MAX_WEIGHT_KG)
        if c.value_usd is not None and not 0 <= c.value_usd <= MAX_VALUE_USD:
            self.range(f"{path}.value_usd", MAX_VALUE_USD)
        return doc.Commodity(
            description=self.text(f"{path}.description", c.description, 512, required=True),
            quantity=c.quantity,
            unit=self.shape(
                f"{path}.unit",
                c.unit,
                _UNIT,
                "unit",
                _("Write the packaging unit's code, like CTN."),
                True,
            ),
            weight_kg=round(c.weight_kg, 3),
            hs_code=self.hs_code(f"{path}.hs_code", c.hs_code),
            origin_country=self.country(f"{path}.origin_country", c.origin_country, required=True),
            value_usd=c.value_usd,
            un_number=self.shape(
                f"{path}.un_number",
                c.un_number,
                _UN,
                "un_number",
                _("A UN number of dangerous goods has four digits."),
                False,
            ),
        )
