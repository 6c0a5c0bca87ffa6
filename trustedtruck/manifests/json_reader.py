"""A manifest from JSON: shape and types only, with every wrong field named at once.

What the values mean is judged afterwards by `checks`, the same for every format.
"""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from trustedtruck.core.errors import FieldError
from trustedtruck.manifests import document as doc
from trustedtruck.manifests.json_object import TEXT_LIMIT, Reader


def read_filing(value: Any, *, scac: str = "") -> tuple[doc.Filing, list[FieldError]]:
    """The filing and what is wrong with its shape. `scac` fills in where the body has none."""
    errors: list[FieldError] = []
    r = Reader(value, "", errors)
    purpose = r.one_of("purpose", doc.PURPOSES, "complete")
    trip_number = r.text("trip_number", required=True)
    given_scac = r.text("scac") or scac or trip_number[:4]
    whole = purpose != "delete"
    trip = _trip(r)
    shipments = r.each("shipments", _shipment, limit=doc.MAX_SHIPMENTS)
    if not whole:
        for name in ("shipments", "links", "delinks"):
            if r.value.get(name):
                alone = _("A cancellation names its trip and nothing else: leave this out.")
                r.error(name, "not_with_delete", alone)
    filing = doc.Filing(
        purpose=purpose,
        scac=given_scac,
        trip_number=trip_number,
        control_number=r.text("control_number"),
        trip=trip if whole else None,
        shipments=shipments,
        links=r.each("links", _text, limit=doc.MAX_SHIPMENTS),
        delinks=r.each("delinks", _text, limit=doc.MAX_SHIPMENTS),
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
        equipment=r.each("equipment", _equipment, limit=doc.MAX_ITEMS),
        crew=r.each("crew", _person, limit=doc.MAX_ITEMS),
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
        seals=r.each("seals", _seal, limit=doc.MAX_ITEMS),
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
        seals=r.each("seals", _seal, limit=doc.MAX_ITEMS),
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
        gender=r.one_of("gender", doc.GENDERS, ""),
        fast_card=r.text("fast_card"),
        documents=r.each("documents", _document, limit=doc.MAX_ITEMS),
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
        parties=r.each("parties", _party, limit=doc.MAX_ITEMS),
        commodities=r.each("commodities", _commodity, limit=doc.MAX_ITEMS),
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
    if isinstance(value, str) and len(value) <= TEXT_LIMIT:
        return value.strip()
    errors.append(FieldError(path, "not_a_text", _("Write a text here, in quotation marks.")))
    return ""
