"""The trips of arriving trucks, with all their facts, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from trustedtruck.core.abreast import Ask, Question, Rows, answer_of
from trustedtruck.manifests.facts import (
    CrewFacts,
    SealFacts,
    ShipmentFacts,
    TrailerFacts,
    TripFacts,
)
from trustedtruck.manifests.queries.certificates import Goods, bound_certificates
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
    """`trips_of`, asked by itself."""
    return answer_of(trips_of(asked, certificates_for=certificates_for))


def trips_of(
    asked: Sequence[Asked], *, certificates_for: tuple[str, ...] = ()
) -> Question[dict[Hashable, TripFacts]]:
    """The trip of each arrival that has one: key -> facts. A constant number of queries.

    By trip number, wherever it was filed for and in whatever state: the facts name both. Without
    one, by the tag, the enrolled truck's VIN, or the plate, among the open trips of that port; of
    several the one expected nearest to now, by the database's clock. Plant-health certificates are
    looked for where a shipment has goods under one of the HS prefixes `certificates_for`.
    """
    if not asked:
        return {}
    found = yield from _find(asked)
    trips = {trip.id: (trip, how) for trip, how in found.values()}
    facts = (yield from _facts(trips, certificates_for)) if trips else {}
    made = {}
    for key, (trip, how) in found.items():
        one = facts[trip.id]
        made[key] = one if one.found_by == how else replace(one, found_by=how)
    return made


_VINS = """
SELECT tag_epc, vin FROM carriers_truck WHERE tag_epc = ANY(%s::varchar[]) AND retired_at IS NULL
"""


class _Trip(NamedTuple):
    """A trip with whose it is; instants are POSIX seconds."""

    id: int
    trip_number: str
    carrier_id: int
    scac: str
    port_code: str
    state: str
    purpose: str
    changed_at: float
    filed_at: float | None
    estimated_arrival_at: float | None
    truck_number: str
    plate_number: str
    plate_jurisdiction: str
    vin: str
    tag_epc: str
    gross_weight_kg: int | None


_TRIPS = """
SELECT t.id, t.trip_number, t.carrier_id, c.scac, t.port_code, t.state, t.purpose,
       extract(epoch FROM t.changed_at)::float8, extract(epoch FROM t.filed_at)::float8,
       extract(epoch FROM t.estimated_arrival_at)::float8, t.truck_number, t.plate_number,
       t.plate_jurisdiction, t.vin, t.tag_epc, t.gross_weight_kg
FROM manifests_trip t JOIN carriers_carrier c ON c.id = t.carrier_id
"""
_BY_NUMBER = f"{_TRIPS} WHERE t.trip_number = ANY(%s::varchar[])"
_BY_CLUES = f"""{_TRIPS}
WHERE t.state = ANY(%s::varchar[]) AND t.port_code = ANY(%s::varchar[])
  AND (t.tag_epc = ANY(%s::varchar[]) OR t.vin = ANY(%s::varchar[])
       OR t.plate_number = ANY(%s::varchar[]))
"""


def _find(asked: Sequence[Asked]) -> Question[dict[Hashable, tuple[_Trip, str]]]:
    by_number = {a.trip_number for a in asked if a.trip_number}
    blind = [a for a in asked if not a.trip_number]
    tags = {a.tag_epc for a in blind if a.tag_epc}
    plates = {a.plate for a in blind if a.plate}
    vins, rows, now = yield from _first_round(tags, by_number, with_clock=bool(blind))
    vin_of: dict[str, str] = dict(vins)
    if blind:
        clue = [tags, set(vin_of.values()), plates]
        ports = {a.port for a in blind}
        [more] = yield [Ask(_BY_CLUES, [list(v) for v in (OPEN, ports, *clue)])]
        rows = rows + more
    trips = [_Trip(*row) for row in rows]
    numbered: dict[str, _Trip] = {}
    candidates: dict[tuple[str, str, str], list[_Trip]] = defaultdict(list)
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
    found: dict[Hashable, tuple[_Trip, str]] = {}
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
                if value and (not a.scac or trip.scac == a.scac)
            ]
            if options:
                found[a.key] = min(options, key=lambda trip: _distance(trip, now)), how
                break
    return found


_NOW = "SELECT extract(epoch FROM statement_timestamp())::float8"


def _first_round(
    tags: set[str], by_number: set[str], *, with_clock: bool
) -> Question[tuple[Rows, Rows, float]]:
    """VINs by tag, trips by number, and the database's clock: what is needed of it."""
    asks = {
        "vins": Ask(_VINS, [list(tags)]) if tags else None,
        "trips": Ask(_BY_NUMBER, [list(by_number)]) if by_number else None,
        "now": Ask(_NOW, []) if with_clock else None,
    }
    needed = {name: ask for name, ask in asks.items() if ask is not None}
    rows = dict(zip(needed, (yield list(needed.values())), strict=True))
    return rows.get("vins", []), rows.get("trips", []), rows["now"][0][0] if with_clock else 0.0


def _distance(trip: _Trip, now: float) -> tuple[float, int]:
    if trip.estimated_arrival_at is None:
        return float("inf"), -trip.id
    return abs(trip.estimated_arrival_at - now), -trip.id


def _grouped(rows: Iterable[tuple[int, K]]) -> dict[int, list[K]]:
    groups: dict[int, list[K]] = defaultdict(list)
    for key, value in rows:
        groups[key].append(value)
    return groups


_SEALS = """
SELECT trip_id, equipment_id, number, grade FROM manifests_seal
WHERE trip_id = ANY(%s::bigint[]) ORDER BY id
"""
_EQUIPMENT = """
SELECT trip_id, id, kind, number, plate_number, plate_jurisdiction, loaded FROM manifests_equipment
WHERE trip_id = ANY(%s::bigint[]) ORDER BY position
"""
# A lane asks which card somebody holds, never what somebody is called. The holder is the carrier's.
_CREW = """
SELECT p.trip_id, p.role, p.fast_card, d.id, coalesce(d.public_id::text, '')
FROM manifests_crewmember p JOIN manifests_trip t ON t.id = p.trip_id
LEFT JOIN carriers_driver d ON d.fast_card = p.fast_card AND p.fast_card <> ''
  AND d.retired_at IS NULL AND d.carrier_id = t.carrier_id
WHERE p.trip_id = ANY(%s::bigint[]) ORDER BY p.position
"""
_SHIPMENTS = """
SELECT id, trip_id, control_number, equipment_number FROM manifests_shipment
WHERE trip_id = ANY(%s::bigint[]) ORDER BY position, control_number
"""
# Who is named by a number of the programme, and whether the register has them certified for that.
_CERTIFIED = f"""
SELECT p.shipment_id, p.role, coalesce(r.state = '{PartnerState.CERTIFIED.value}'
    AND CASE p.role WHEN 'manufacturer' THEN r.makes ELSE r.imports END, false)
FROM manifests_party p JOIN manifests_shipment s ON s.id = p.shipment_id
LEFT JOIN manifests_tradepartner r ON r.programme_number = p.programme_number
WHERE s.trip_id = ANY(%s::bigint[]) AND p.role IN ('manufacturer', 'importer')
  AND p.programme_number <> ''
"""  # noqa: S608 (our own text)
# The goods of trips, line by line.
_GOODS = """
SELECT g.shipment_id, g.hs_code, g.origin_country, g.weight_kg
FROM manifests_commodity g JOIN manifests_shipment s ON s.id = g.shipment_id
WHERE s.trip_id = ANY(%s::bigint[]) ORDER BY g.position
"""


def _facts(
    trips: dict[int, tuple[_Trip, str]], certificates_for: tuple[str, ...]
) -> Question[dict[int, TripFacts]]:
    """Of trips, each with how it was found."""
    ids = list(trips)
    statements = (_SEALS, _EQUIPMENT, _CREW, _GOODS, _CERTIFIED, _SHIPMENTS)
    rows = yield [Ask(statement, [ids]) for statement in statements]
    seals = _grouped(
        (trip_id, (equipment_id, SealFacts(number, grade)))
        for trip_id, equipment_id, number, grade in rows[0]
    )
    equipment = _grouped((row[0], row[1:]) for row in rows[1])
    crew = _grouped((row[0], CrewFacts(*row[1:])) for row in rows[2])
    goods = _grouped((row[0], Goods(*row[1:])) for row in rows[3])
    shipments = _shipments(goods, rows[4], rows[5])
    certificates = bound_certificates(ids, goods, certificates_for)
    made = {}
    for trip, how in trips.values():
        own_seals = seals[trip.id]
        trailers = tuple(
            TrailerFacts(
                *(kind, number, plate, jurisdiction, loaded),
                seals=tuple(seal for where, seal in own_seals if where == pk),
            )
            for pk, kind, number, plate, jurisdiction, loaded in equipment[trip.id]
        )
        own_shipments = tuple(shipments[trip.id])
        made[trip.id] = TripFacts(
            id=trip.id,
            trip_number=trip.trip_number,
            carrier_id=trip.carrier_id,
            scac=trip.scac,
            port=trip.port_code,
            state=trip.state,
            purpose=trip.purpose,
            found_by=how,
            changed_at=trip.changed_at,
            filed_at=trip.filed_at,
            estimated_arrival_at=trip.estimated_arrival_at,
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
            crew=tuple(crew[trip.id]),
            shipments=own_shipments,
            certificates=tuple(certificates[trip.id]),
        )
    return made


def _shipments(
    goods: Mapping[int, list[Goods]], named: Rows, rows: Rows
) -> dict[int, list[ShipmentFacts]]:
    certified: dict[tuple[int, str], bool] = {
        (shipment_id, role): yes for shipment_id, role, yes in named
    }
    groups: dict[int, list[ShipmentFacts]] = defaultdict(list)
    for pk, trip_id, control_number, where in rows:
        lines = goods.get(pk, [])
        codes = tuple(sorted({code for code, _country, _weight in lines if code}))
        groups[trip_id].append(
            ShipmentFacts(
                control_number=control_number,
                equipment=where,
                hs_codes=codes,
                origin_countries=tuple(sorted({country for _code, country, _weight in lines})),
                weight_kg=round(sum(weight for _code, _country, weight in lines)),
                manufacturer_certified=certified.get((pk, "manufacturer")),
                importer_certified=certified.get((pk, "importer")),
                unnamed=not all(code for code, _country, _weight in lines),
            )
        )
    return groups
