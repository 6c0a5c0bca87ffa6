"""The trips of arriving trucks, with all their facts, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from trustedtruck.carriers.models import Carrier, Driver
from trustedtruck.core.prepared import prepared_objects, prepared_rows
from trustedtruck.manifests.facts import (
    CrewFacts,
    SealFacts,
    ShipmentFacts,
    TrailerFacts,
    TripFacts,
)
from trustedtruck.manifests.models import Equipment, Shipment, TradePartner, Trip
from trustedtruck.manifests.queries.certificates import GOODS, bound_certificates
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


_VINS = """
SELECT tag_epc, vin FROM carriers_truck WHERE tag_epc = ANY(%s::varchar[]) AND retired_at IS NULL
"""
_BY_NUMBER = "trip_number = ANY(%s::varchar[])"
_BY_CLUES = """
state = ANY(%s::varchar[]) AND port_code = ANY(%s::varchar[]) AND (tag_epc = ANY(%s::varchar[])
OR vin = ANY(%s::varchar[]) OR plate_number = ANY(%s::varchar[]))
"""


def _find(asked: Sequence[Asked]) -> dict[Hashable, tuple[Trip, str]]:
    by_number = {a.trip_number for a in asked if a.trip_number}
    blind = [a for a in asked if not a.trip_number]
    tags = {a.tag_epc for a in blind if a.tag_epc}
    plates = {a.plate for a in blind if a.plate}
    vin_of: dict[str, str] = dict(prepared_rows(_VINS, [list(tags)])) if tags else {}
    trips = _trips(_BY_NUMBER, [list(by_number)]) if by_number else []
    if blind:
        clue = [tags, set(vin_of.values()), plates]
        ports = {a.port for a in blind}
        trips += _trips(_BY_CLUES, [list(v) for v in (OPEN, ports, *clue)])
    numbered: dict[str, Trip] = {}
    candidates: dict[tuple[str, str, str], list[Trip]] = defaultdict(list)
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
    now = prepared_rows("SELECT statement_timestamp()", [])[0][0] if blind else None
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
                found[a.key] = min(options, key=lambda trip: _distance(trip, now)), how
                break
    return found


def _trips(where: str, values: list[list[str]]) -> list[Trip]:
    """Trips with their carriers: two queries."""
    trips = prepared_objects(Trip, where, values)
    owners = {trip.carrier_id for trip in trips}
    carriers = {
        carrier.pk: carrier
        for carrier in prepared_objects(Carrier, "id = ANY(%s::bigint[])", [list(owners)])
    }
    for trip in trips:
        trip.carrier = carriers[trip.carrier_id]
    return trips


def _distance(trip: Trip, now: Any) -> tuple[float, int]:
    if trip.estimated_arrival_at is None:
        return float("inf"), -trip.pk
    return abs((trip.estimated_arrival_at - now).total_seconds()), -trip.pk


def _grouped(rows: Iterable[tuple[int, K]]) -> dict[int, list[K]]:
    groups: dict[int, list[K]] = defaultdict(list)
    for key, value in rows:
        groups[key].append(value)
    return groups


_SEALS = """
SELECT trip_id, equipment_id, number, grade FROM manifests_seal
WHERE trip_id = ANY(%s::bigint[]) ORDER BY id
"""
# A lane asks which card somebody holds, never what somebody is called.
_CREW = """
SELECT p.trip_id, t.carrier_id, p.role, p.fast_card
FROM manifests_crewmember p JOIN manifests_trip t ON t.id = p.trip_id
WHERE p.trip_id = ANY(%s::bigint[]) ORDER BY p.position
"""
_PROGRAMME = """
SELECT p.shipment_id, p.role, p.programme_number
FROM manifests_party p JOIN manifests_shipment s ON s.id = p.shipment_id
WHERE s.trip_id = ANY(%s::bigint[]) AND p.role IN ('manufacturer', 'importer')
"""


def _facts(trips: dict[int, Trip], certificates_for: tuple[str, ...]) -> dict[int, TripFacts]:
    ids = list(trips)
    seals = _grouped(
        (trip_id, (equipment_id, SealFacts(number, grade)))
        for trip_id, equipment_id, number, grade in prepared_rows(_SEALS, [ids])
    )
    equipment = _grouped(
        (e.trip_id, e)
        for e in prepared_objects(Equipment, "trip_id = ANY(%s::bigint[]) ORDER BY position", [ids])
    )
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
    people = prepared_rows(_CREW, [ids])
    cards = {card for _trip, _carrier, _role, card in people if card}
    holders = {
        (d.carrier_id, d.fast_card): d
        for d in prepared_objects(
            Driver,
            "fast_card = ANY(%s::varchar[]) AND retired_at IS NULL",
            [list(cards)],
            only=("carrier_id", "fast_card", "public_id"),
        )
    }
    groups: dict[int, list[CrewFacts]] = defaultdict(list)
    for trip, carrier, role, card in people:
        holder = holders.get((carrier, card))
        groups[trip].append(
            CrewFacts(
                role,
                card,
                holder.pk if holder else None,
                str(holder.public_id) if holder else "",
            )
        )
    return groups


def _shipments(ids: list[int]) -> dict[int, list[ShipmentFacts]]:
    shipments = prepared_objects(
        Shipment, "trip_id = ANY(%s::bigint[]) ORDER BY position, control_number", [ids]
    )
    commodities = _grouped((row[0], row[1:]) for row in prepared_rows(GOODS, [ids]))
    programme = {
        (shipment_id, role): number
        for shipment_id, role, number in prepared_rows(_PROGRAMME, [ids])
    }
    numbers = {number for number in programme.values() if number}
    partners = {
        p.programme_number: p
        for p in prepared_objects(
            TradePartner, "programme_number = ANY(%s::varchar[])", [list(numbers)]
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
