"""A manifest from JSON: shape and types only, with every wrong field named at once.

What the values mean is judged afterwards by `checks`, the same for every format.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from trustedtruck.core.errors import FieldError, Text
from trustedtruck.manifests import document as doc

T = TypeVar("T")
MAX_SHIPMENTS = 9_999  # LX01 of a 309 has four digits
MAX_ITEMS = 999
_TEXT_LIMIT = 4_000


class Reader:
    """One JSON object at `path`; wrong fields are collected in `errors`, never raised."""

    def __init__(self, value: Any, path: str, errors: list[FieldError]) -> None:
        self.path = path
        self.errors = errors
        self.seen: set[str] = set()
        self.value: Mapping[str, Any] = {}
        if isinstance(value, Mapping):
            self.value = value
        else:
            self.error("", "not_an_object", _("Write an object here, in braces."))

    def at(self, name: str) -> str:
        if not name:
            return self.path
        return f"{self.path}.{name}" if self.path else name

    def error(self, name: str, code: str, text: Text) -> None:
        self.errors.append(FieldError(self.at(name), code, text))

    def take(self, name: str) -> Any:
        self.seen.add(name)
        return self.value.get(name)

    def text(self, name: str, *, required: bool = False) -> str:
        value = self.take(name)
        if value is None or value == "":
            if required:
                self.error(name, "required", _("This is missing."))
            return ""
        if not isinstance(value, str):
            self.error(name, "not_a_text", _("Write a text here, in quotation marks."))
            return ""
        if len(value) > _TEXT_LIMIT:
            self.error(name, "too_long", _("This text is too long."))
            return ""
        return value.strip()

    def one_of(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(name)
        if not value:
            return default
        if value not in allowed:
            text = _("Use one of: %(allowed)s.") % {"allowed": ", ".join(a for a in allowed if a)}
            self.error(name, "not_one_of", text)
            return default
        return value

    def number(self, name: str) -> Decimal | None:
        value = self.take(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.error(name, "not_a_number", _("Write a number here, without quotation marks."))
            return None
        if not -1e15 < value < 1e15:
            self.error(name, "out_of_range", _("This number is far out of range."))
            return None
        return Decimal(str(value))

    def whole(self, name: str) -> int | None:
        value = self.number(name)
        if value is None:
            return None
        if value != value.to_integral_value():
            self.error(name, "not_whole", _("Write a whole number here."))
            return None
        return int(value)

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.take(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.error(name, "not_a_flag", _("Write true or false here."))
            return default
        return value

    def instant(self, name: str) -> datetime | None:
        text = self.text(name)
        if not text:
            return None
        try:
            value = parse_datetime(text)
        except ValueError:
            value = None
        if value is None or value.tzinfo is None:
            self.error(
                name,
                "not_an_instant",
                _("Write date and time with their offset, like 2026-11-24T08:30:00-06:00."),
            )
            return None
        return value

    def each(
        self, name: str, read: Callable[[Any, str, list[FieldError]], T], *, limit: int
    ) -> tuple[T, ...]:
        value = self.take(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.error(name, "not_a_list", _("Write a list here, in brackets."))
            return ()
        if len(value) > limit:
            self.error(name, "too_many", _("At most %(limit)d may stand here.") % {"limit": limit})
            return ()
        path = self.at(name)
        return tuple(read(v, f"{path}.{i}", self.errors) for i, v in enumerate(value))

    def close(self) -> None:
        """Name every field that nobody asked for: a misspelt name must not pass in silence."""
        for name in self.value:
            if name not in self.seen:
                self.error(str(name)[:64], "unknown_field", _("There is no such field."))


def read_filing(value: Any, *, scac: str = "") -> tuple[doc.Filing, list[FieldError]]:
    """The filing and what is wrong with its shape. `scac` fills in where the body has none."""
    errors: list[FieldError] = []
    r = Reader(value, "", errors)
    purpose = r.one_of("purpose", doc.PURPOSES, "complete")
    trip_number = r.text("trip_number", required=True)
    given_scac = r.text("scac") or scac or trip_number[:4]
    whole = purpose != "delete"
    trip = _trip(r)
    shipments = r.each("shipments", _shipment, limit=MAX_SHIPMENTS)
    filing = doc.Filing(
        purpose=purpose,
        scac=given_scac,
        trip_number=trip_number,
        control_number=r.text("control_number"),
        trip=trip if whole else None,
        shipments=shipments,
        links=r.each("links", _text, limit=MAX_SHIPMENTS),
        delinks=r.each("delinks", _text, limit=MAX_SHIPMENTS),
        deletes=(),
        replaces=whole,
    )
    r.close()
    return filing, errors


def _trip(r: Reader) -> doc.Trip:
    conveyance = r.take("conveyance")
    return doc.Trip(
        port=r.text("port"),
        estimated_arrival_at=r.instant("estimated_arrival_at"),
        conveyance=None
        if conveyance is None
        else _conveyance(conveyance, r.at("conveyance"), r.errors),
        equipment=r.each("equipment", _equipment, limit=MAX_ITEMS),
        crew=r.each("crew", _person, limit=MAX_ITEMS),
        gross_weight_kg=r.whole("gross_weight_kg"),
    )


def _conveyance(value: Any, path: str, errors: list[FieldError]) -> doc.Conveyance:
    r = Reader(value, path, errors)
    made = doc.Conveyance(
        kind=r.one_of("kind", doc.CONVEYANCE_KINDS, "tractor"),
        number=r.text("number"),
        vin=r.text("vin"),
        plate=_plate(r),
        usdot=r.text("usdot"),
        tag_epc=r.text("tag_epc"),
        seals=r.each("seals", _seal, limit=MAX_ITEMS),
    )
    r.close()
    return made


def _equipment(value: Any, path: str, errors: list[FieldError]) -> doc.Equipment:
    r = Reader(value, path, errors)
    made = doc.Equipment(
        kind=r.one_of("kind", doc.EQUIPMENT_KINDS, "trailer"),
        number=r.text("number"),
        plate=_plate(r),
        loaded=r.flag("loaded", default=True),
        seals=r.each("seals", _seal, limit=MAX_ITEMS),
    )
    r.close()
    return made


def _plate(r: Reader) -> doc.Plate:
    value = r.take("plate")
    if value is None:
        return doc.Plate()
    inner = Reader(value, r.at("plate"), r.errors)
    plate = doc.Plate(
        inner.text("number", required=True), inner.text("jurisdiction", required=True)
    )
    inner.close()
    return plate


def _seal(value: Any, path: str, errors: list[FieldError]) -> doc.Seal:
    if isinstance(value, str):
        return doc.Seal(value.strip())
    r = Reader(value, path, errors)
    seal = doc.Seal(r.text("number", required=True), r.one_of("grade", doc.SEAL_GRADES, ""))
    r.close()
    return seal


def _person(value: Any, path: str, errors: list[FieldError]) -> doc.Person:
    r = Reader(value, path, errors)
    made = doc.Person(
        role=r.one_of("role", doc.CREW_ROLES, "driver"),
        given_names=r.text("given_names"),
        family_names=r.text("family_names"),
        birth_date=r.text("birth_date"),
        citizenship=r.text("citizenship"),
        gender=r.one_of("gender", ("M", "F", "X"), ""),
        fast_card=r.text("fast_card"),
        documents=r.each("documents", _document, limit=MAX_ITEMS),
    )
    r.close()
    return made


def _document(value: Any, path: str, errors: list[FieldError]) -> doc.PersonDocument:
    r = Reader(value, path, errors)
    made = doc.PersonDocument(
        kind=r.one_of("kind", doc.DOCUMENT_KINDS, "passport"),
        number=r.text("number", required=True),
        country=r.text("country"),
    )
    r.close()
    return made


def _shipment(value: Any, path: str, errors: list[FieldError]) -> doc.Shipment:
    r = Reader(value, path, errors)
    made = doc.Shipment(
        control_number=r.text("control_number"),
        release=r.one_of("release", doc.RELEASES, "paps"),
        equipment=r.text("equipment"),
        parties=r.each("parties", _party, limit=MAX_ITEMS),
        commodities=r.each("commodities", _commodity, limit=MAX_ITEMS),
        pedimento=r.text("pedimento"),
    )
    r.close()
    return made


def _party(value: Any, path: str, errors: list[FieldError]) -> doc.Party:
    r = Reader(value, path, errors)
    made = doc.Party(
        role=r.one_of("role", doc.PARTY_ROLES, "shipper"),
        name=r.text("name"),
        line=r.text("line"),
        city=r.text("city"),
        region=r.text("region"),
        postal_code=r.text("postal_code"),
        country=r.text("country"),
        programme_number=r.text("programme_number"),
    )
    r.close()
    return made


def _commodity(value: Any, path: str, errors: list[FieldError]) -> doc.Commodity:
    r = Reader(value, path, errors)
    made = doc.Commodity(
        description=r.text("description"),
        quantity=r.whole("quantity") or 0,
        unit=r.text("unit") or "CTN",
        weight_kg=r.number("weight_kg") or Decimal(0),
        hs_code=r.text("hs_code"),
        origin_country=r.text("origin_country"),
        value_usd=r.whole("value_usd"),
        un_number=r.text("un_number"),
    )
    r.close()
    return made


def _text(value: Any, path: str, errors: list[FieldError]) -> str:
    if isinstance(value, str) and len(value) <= _TEXT_LIMIT:
        return value.strip()
    errors.append(FieldError(path, "not_a_text", _("Write a text here, in quotation marks.")))
    return ""
