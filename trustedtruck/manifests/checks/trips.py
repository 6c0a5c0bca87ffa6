"""The truck, its equipment and the people aboard."""

import datetime as dt
import re
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from trustedtruck.identifiers import (
    epc,
    fast_card,
    iso6346,
    jurisdiction,
    plate,
    port_code,
    seal,
    usdot,
    vin,
)
from trustedtruck.manifests import document as doc
from trustedtruck.manifests.checks.findings import Findings

MAX_WEIGHT_KG = Decimal(100_000)  # no truck that may use a road weighs more
MAX_AHEAD = dt.timedelta(days=90)
MAX_LATE = dt.timedelta(days=1)

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)


def check_trip(found: Findings, t: doc.Trip, *, strict: bool) -> doc.Trip:
    """The trip in normal form; a preliminary one, not `strict`, may still lack parts."""
    eta = t.estimated_arrival_at
    if strict and t.conveyance is None:
        found.missing("conveyance")
    if eta is None:
        if strict:
            found.missing("estimated_arrival_at")
    else:
        if eta > found.at + MAX_AHEAD:
            found.wrong(
                "estimated_arrival_at",
                "too_far_ahead",
                _("A trip can be filed at most 90 days ahead."),
            )
        elif eta < found.at - MAX_LATE:
            found.wrong("estimated_arrival_at", "in_the_past", _("This time is long past."))
    if strict and not any(p.role == "driver" for p in t.crew):
        found.wrong("crew", "no_driver", _("A trip needs a driver."))
    weight = t.gross_weight_kg
    if weight is not None and not 0 < weight <= MAX_WEIGHT_KG:
        found.range("gross_weight_kg", MAX_WEIGHT_KG)
    found.at_most("equipment", t.equipment, doc.MAX_ITEMS)
    found.at_most("crew", t.crew, doc.MAX_ITEMS)
    equipment = tuple(_equipment(found, f"equipment.{i}", e) for i, e in enumerate(t.equipment))
    made = doc.Trip(
        port=found.identifier("port", t.port, port_code.check, required=True),
        estimated_arrival_at=eta,
        conveyance=None if t.conveyance is None else _conveyance(found, t.conveyance, strict),
        equipment=equipment,
        crew=tuple(_person(found, f"crew.{i}", p) for i, p in enumerate(t.crew)),
        gross_weight_kg=weight,
    )
    found.once(
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
            (f"conveyance.seals.{j}.number", s.number) for j, s in enumerate(made.conveyance.seals)
        ]
    found.once(places, _("This seal number stands twice: a seal closes one door."))
    return made


def _conveyance(found: Findings, c: doc.Conveyance, strict: bool) -> doc.Conveyance:
    return doc.Conveyance(
        kind=c.kind,
        number=found.own_number("conveyance.number", c.number, required=strict),
        vin=found.identifier("conveyance.vin", c.vin, vin.check),
        plate=_plate(found, "conveyance.plate", c.plate, required=strict),
        usdot=found.identifier("conveyance.usdot", c.usdot, usdot.check),
        tag_epc=found.identifier("conveyance.tag_epc", c.tag_epc, epc.check),
        seals=_seals(found, "conveyance.seals", c.seals),
    )


def _plate(found: Findings, path: str, p: doc.Plate, *, required: bool) -> doc.Plate:
    if not p.number and not p.jurisdiction:
        if required:
            found.missing(path)
        return p
    number = found.identifier(f"{path}.number", p.number, plate.check, required=True)
    place = found.identifier(
        f"{path}.jurisdiction", p.jurisdiction, jurisdiction.check, required=True
    )
    return doc.Plate(number, place)


def _equipment(found: Findings, path: str, e: doc.Equipment) -> doc.Equipment:
    if e.kind == "container":
        number = found.identifier(f"{path}.number", e.number, iso6346.check, required=True)
    else:
        number = found.own_number(f"{path}.number", e.number, required=True)
    return doc.Equipment(
        kind=e.kind,
        number=number,
        plate=_plate(found, f"{path}.plate", e.plate, required=e.kind == "trailer"),
        loaded=e.loaded,
        seals=_seals(found, f"{path}.seals", e.seals),
    )


def _seals(found: Findings, path: str, given: tuple[doc.Seal, ...]) -> tuple[doc.Seal, ...]:
    return tuple(
        doc.Seal(
            found.identifier(f"{path}.{i}.number", s.number, seal.check, required=True),
            found.one_of(f"{path}.{i}.grade", s.grade, doc.SEAL_GRADES),
        )
        for i, s in enumerate(given)
    )


def _person(found: Findings, path: str, p: doc.Person) -> doc.Person:
    return doc.Person(
        role=p.role,
        given_names=found.text(f"{path}.given_names", p.given_names, 30, required=True),
        family_names=found.text(f"{path}.family_names", p.family_names, 30, required=True),
        birth_date=_birth_date(found, f"{path}.birth_date", p.birth_date),
        citizenship=found.country(f"{path}.citizenship", p.citizenship, required=True),
        gender=found.one_of(f"{path}.gender", p.gender, doc.GENDERS),
        fast_card=found.identifier(f"{path}.fast_card", p.fast_card, fast_card.check),
        documents=tuple(
            doc.PersonDocument(
                d.kind,
                found.text(f"{path}.documents.{i}.number", d.number, 30, required=True),
                found.country(f"{path}.documents.{i}.country", d.country),
            )
            for i, d in enumerate(p.documents)
        ),
    )


def _birth_date(found: Findings, path: str, text: str) -> str:
    if not text:
        found.missing(path)
        return text
    match = _DATE.fullmatch(text)
    try:
        day = dt.date(*map(int, match.groups())) if match else None
    except ValueError:
        day = None
    if day is None:
        found.wrong(path, "date", _("Write year, month and day in that order: 1980-12-31."))
    elif not dt.date(1900, 1, 1) <= day <= found.at.date():
        found.wrong(path, "out_of_range", _("This cannot be the birth date of a person aboard."))
    return text
