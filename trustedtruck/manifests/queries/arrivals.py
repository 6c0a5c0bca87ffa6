"""The trips of arriving trucks, with all their facts, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from django.db.models import F, Q
from django.db.models.functions import Now

from trustedtruck.carriers.models import Driver, Truck
from trustedtruck.manifests.facts import (
    CrewFacts,
    SealFacts,
    ShipmentFacts,
    TrailerFacts,
    TripFacts,
)
from trustedtruck.manifests.models import (
    Commodity,
    CrewMember,
    Equipment,
    Party,
    Seal,
    Shipment,
    TradePartner,
    Trip,
)
from trustedtruck.manifests.queries.certificates import bound_certificates
from trustedtruck.manifests.states import OPEN, PartnerState

K = TypeVar("K", bound=Hashable)


class Asked(NamedTuple):
    """What the gate knows of one arrival, in normal forms; `""` is unknown."""

    key: Hashable
    port: str
    trip_number: str = ""
    plate: str = ""
    tag_epc: str = ""
    scac: str = ""


def trips_for_arrivals(
    asked: Sequence[Asked], *, certificates_for: tuple[str, ...] = ()
) -> dict[Hashable, TripFacts]:
    """The trip of each arrival that has one: key -> facts. A constant number of queries.

    By trip number, wherever it was filed for and in whatever state: the facts name both. Without
    one, by the tag, the enrolled truck's VIN, or the plate, among the open trips of that port; of
    several the one expected nearest to now, by the database's clock. Plant-health certificates are
    looked for where a shipment has goods under one of the HS prefixes `certificates_for`.
    """
    if not asked:
        return {}
    found = _find(asked)
    facts = _facts({trip.pk: trip for trip, _how in found.values()}, certificates_for)
    return {key: replace(facts[trip.pk], found_by=how) for key, (trip, how) in found.items()}


def _find(asked: Sequence[Asked]) -> dict[Hashable, tuple[Trip, str]]:
    by_number = {a.trip_number for a in asked if a.trip_number}
    blind = [a for a in asked if not a.trip_number]
    tags = {a.tag_epc for a in blind if a.tag_epc}
    plates = {a.plate for a in blind if a.plate}
    vin_of = dict(
        Truck.objects.filter(tag_epc__in=tags, retired_at__isnull=True).values_list(
            "tag_epc", "vin"
        )
        if tags
        else ()
    )
    wanted = Q(trip_number__in=by_number)
    if blind:
        wanted |= Q(state__in=list(OPEN), port_code__in={a.port for a in blind}) & (
            Q(tag_epc__in=tags) | Q(vin__in=set(vin_of.values())) | Q(plate_number__in=plates)
        )
    numbered: dict[str, Trip] = {}
    candidates: dict[tuple[str, str, str], list[Trip]] = defaultdict(list)
    trips = Trip.objects.filter(wanted).select_related("carrier").annotate(now=Now())
    for trip in trips:
        numbered[trip.trip_number] = trip
        if trip.state not in OPEN:
            continue
        for how, value in (
            ("tag", trip.tag_epc),
            ("vin", trip.vin),
            ("plate", trip.plate_number),
        ):
            if value:
                candidates[trip.port_code, how, value].append(trip)
    found: dict[Hashable, tuple[Trip, str]] = {}
    for a in asked:
        if a.trip_number:
            if a.trip_number in numbered:
                found[a.key] = numbered[a.trip_number], "trip_number"
            continue
        clues = (("tag", a.tag_epc), ("vin", vin_of.get(a.tag_epc, "")), ("plate", a.plate))
        for how, value in clues:
            # A plate alone is not unique between jurisdictions: the carrier narrows it.
            options = [
                trip
                for trip in candidates.get((a.port, how, value), ())
                if value and (not a.scac or trip.carrier.scac == a.scac)
            ]
            if options:
                found[a.key] = min(options, key=_distance), how
                break
    return found


def _distance(trip: Trip) -> tuple[float, int]:
    if trip.estimated_arrival_at is None:
        return float("inf"), -trip.pk
    now = trip.now  # type: ignore[attr-defined]  # annotated
    return abs((trip.estimated_arrival_at - now).total_seconds()), -trip.pk


def _grouped(rows: Iterable[tuple[int, K]]) -> dict[int, list[K]]:
    groups: dict[int, list[K]] = defaultdict(list)
    for key, value in rows:
        groups[key].append(value)
    return groups


def _facts(trips: dict[int, Trip], certificates_for: tuple[str, ...]) -> dict[int, TripFacts]:
    ids = list(trips)
    seals = _grouped(
        (trip_id, (equipment_id, SealFacts(number, grade)))
        for trip_id, equipment_id, number, grade in Seal.objects.filter(trip__in=ids)
        .order_by("id")
        .values_list("trip_id", "equipment_id", "number", "grade")
    )
    equipment = _grouped((e.trip_id, e) for e in Equipment.objects.filter(trip__in=ids))
    crew = _crew(ids)
    shipments = _shipments(ids)
    certificates = bound_certificates(ids, certificates_for)
    made = {}
    for trip in trips.values():
        own_seals = seals[trip.pk]
        trailers = tuple(
            TrailerFacts(
                e.kind,
                e.number,
                e.plate_number,
                e.plate_jurisdiction,
                e.loaded,
                tuple(seal for where, seal in own_seals if where == e.pk),
            )
            for e in equipment[trip.pk]
        )
        own_shipments = tuple(shipments[trip.pk])
        made[trip.pk] = TripFacts(
            id=trip.pk,
            trip_number=trip.trip_number,
            carrier_id=trip.carrier_id,
            scac=trip.carrier.scac,
            port=trip.port_code,
            state=trip.state,
            purpose=trip.purpose,
            found_by="",
            changed_at=trip.changed_at.timestamp(),
            filed_at=trip.filed_at.timestamp() if trip.filed_at else None,
            estimated_arrival_at=trip.estimated_arrival_at.timestamp()
            if trip.estimated_arrival_at
            else None,
            truck_number=trip.truck_number,
            plate_number=trip.plate_number,
            plate_jurisdiction=trip.plate_jurisdiction,
            vin=trip.vin,
            tag_epc=trip.tag_epc,
            gross_weight_kg=trip.gross_weight_kg,
            cargo_weight_kg=sum(s.weight_kg for s in own_shipments),
            laden=bool(own_shipments) or any(t.loaded for t in trailers),
            trailers=trailers,
            seals=tuple(seal for _where, seal in own_seals),
            crew=tuple(crew[trip.pk]),
            shipments=own_shipments,
            certificates=tuple(certificates[trip.pk]),
        )
    return made


def _crew(ids: list[int]) -> dict[int, list[CrewFacts]]:
    aboard = CrewMember.objects.filter(trip__in=ids).annotate(carrier=F("trip__carrier_id"))
    # A lane asks which card somebody holds, never what somebody is called.
    people = list(aboard.only("role", "fast_card", "trip_id", "position"))
    cards = {p.fast_card for p in people if p.fast_card}
    holders = {
        (d.carrier_id, d.fast_card): d
        for d in Driver.objects.filter(fast_card__in=cards, retired_at__isnull=True).only(
            "carrier_id", "fast_card", "public_id"
        )
    }
    groups: dict[int, list[CrewFacts]] = defaultdict(list)
    for person in people:
        carrier: int = person.carrier
        holder = holders.get((carrier, person.fast_card))
        groups[person.trip_id].append(
            CrewFacts(
                person.role,
                person.fast_card,
                holder.pk if holder else None,
                str(holder.public_id) if holder else "",
            )
        )
    return groups


def _shipments(ids: list[int]) -> dict[int, list[ShipmentFacts]]:
    shipments = list(Shipment.objects.filter(trip__in=ids))
    commodities = _grouped(
        (row[0], row[1:])
        for row in Commodity.objects.filter(shipment__trip__in=ids).values_list(
            "shipment_id", "hs_code", "origin_country", "weight_kg"
        )
    )
    programme = {
        (shipment_id, role): number
        for shipment_id, role, number in Party.objects.filter(
            shipment__trip__in=ids, role__in=["manufacturer", "importer"]
        ).values_list("shipment_id", "role", "programme_number")
    }
    partners = {
        p.programme_number: p
        for p in TradePartner.objects.filter(
            programme_number__in={number for number in programme.values() if number}
        )
    }

    def certified(shipment_id: int, role: str) -> bool | None:
        number = programme.get((shipment_id, role))
        if not number:
            return None
        partner = partners.get(number)
        if partner is None or partner.state != PartnerState.CERTIFIED:
            return False
        return partner.makes if role == "manufacturer" else partner.imports

    groups: dict[int, list[ShipmentFacts]] = defaultdict(list)
    for shipment in shipments:
        lines = commodities[shipment.pk]
        codes = tuple(sorted({code for code, _country, _weight in lines if code}))
        assert shipment.trip_id is not None  # noqa: S101 - filtered by trip
        groups[shipment.trip_id].append(
            ShipmentFacts(
                control_number=shipment.control_number,
                equipment=shipment.equipment_number,
                hs_codes=codes,
                origin_countries=tuple(sorted({country for _code, country, _weight in lines})),
                weight_kg=round(sum(weight for _code, _country, weight in lines)),
                manufacturer_certified=certified(shipment.pk, "manufacturer"),
                importer_certified=certified(shipment.pk, "importer"),
                unnamed=not all(code for code, _country, _weight in lines),
            )
        )
    return groups
