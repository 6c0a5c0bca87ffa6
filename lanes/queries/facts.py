"""Gathering what is known about arrivals: a constant number of queries however many there are."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from lanes.queries.alerts import alerts_against, filed_as_named, held
from lanes.queries.enrolled import EnrolledDriver, EnrolledTruck
from lanes.queries.owed import Known, known_of
from lanes.queries.port import bundle_held, policy_in_force
from lanes.queries.subjects import Drivers, Shown, Trucks, enrolled, subjects_of, trips, verify
from lanes.queries.work import Claimed
from lanes.rules.facts import (
    CarrierFacts,
    CredentialFacts,
    DriverFacts,
    Elsewhere,
    Facts,
    Presented,
    Seen,
    TruckFacts,
)
from trustedtruck.core.abreast import Ask, Question, abreast, answer_of
from trustedtruck.credentials.verify import Verdict


@dataclass(frozen=True, slots=True)
class _People:
    """Trucks and drivers by whatever was seen and shown of them, and what is known of these."""

    trucks: Trucks
    drivers: Drivers
    newest: dict[tuple[str, int], CredentialFacts]
    holds: set[tuple[str, int]]
    known: Known


def _people(arrivals: Sequence[Claimed], shown: Mapping[uuid.UUID, Shown]) -> Question[_People]:
    trucks, drivers = yield from enrolled(arrivals, shown)
    fleet, crew = set(trucks.values()), set(drivers.values())
    newest, holds, known = yield from abreast(
        _newest_credentials(fleet, crew), held(fleet, crew), known_of(fleet, crew)
    )
    return _People(trucks, drivers, newest, holds, known)


def gather_facts(arrivals: Sequence[Claimed]) -> dict[uuid.UUID, Facts]:
    """The facts of each arrival, without its lanes: those are counted decision by decision."""
    if not arrivals:
        return {}
    shown = {arrival.id: verify(arrival) for arrival in arrivals}
    ports = {arrival.port for arrival in arrivals}
    required = {port: policy_in_force(port).certificates_required for port in ports}
    people, own, elsewhere, filed = answer_of(
        abreast(
            _people(arrivals, shown),
            trips(arrivals, required),
            _seen_elsewhere(arrivals),
            filed_as_named(arrivals),
        )
    )
    subjects = subjects_of(arrivals, shown, people.trucks, people.drivers, own)
    standing = alerts_against(subjects.values(), filed)
    newest, holds, known = people.newest, people.holds, people.known
    found = {}
    for arrival in arrivals:
        mine, stand, subject = shown[arrival.id], standing[arrival.id], subjects[arrival.id]
        truck, driver = subject.truck, subject.driver
        same = elsewhere.get(arrival.id, {})
        found[arrival.id] = Facts(
            seen=_seen(arrival),
            port=arrival.port,
            carrier=_carrier_facts(truck, known) if truck else None,
            truck=_truck_facts(truck) if truck else None,
            truck_credential=newest.get(("truck", truck.id)) if truck else None,
            driver=_driver_facts(driver) if driver else None,
            driver_credential=newest.get(("driver", driver.id)) if driver else None,
            presented=tuple(_presented(verdict) for verdict in mine.verdicts),
            trip=subject.trip,
            elsewhere=same.get("tag"),
            qr_elsewhere=same.get("qr"),
            held=(truck is not None and ("truck", truck.id) in holds)
            or (driver is not None and ("driver", driver.id) in holds),
            alerts=stand.alerts,
            alerts_checked=stand.checked,
            watch=stand.watch,
            owed=known.owed_by(truck, driver),
            bundle=bundle_held(arrival.port),
        )
    return found


# Two hours back: no two gates are so far apart that a truck could not have come by then. An arrival
# that came after this one counts too: it may be the true one, and this one the clone.
# That the other tag is not empty follows from the rest; only where it is said does PostgreSQL take
# the index, which leaves the empty ones out.
_ELSEWHERE = """
SELECT a.id, same.by, other.id, other.device_id, other.port_id = a.port_id,
       abs(extract(epoch FROM a.received_at - other.received_at))
FROM lanes_arrival a CROSS JOIN LATERAL (
    (SELECT 'tag' AS by, o.id FROM lanes_arrival o
     WHERE a.tag_epc <> '' AND o.tag_epc = a.tag_epc AND o.tag_epc <> ''
       AND o.received_at > a.received_at - interval '2 hours' AND o.device_id <> a.device_id
     ORDER BY abs(extract(epoch FROM a.received_at - o.received_at)), o.id LIMIT 1)
    UNION ALL
    (SELECT 'qr', o.id FROM lanes_arrival o
     WHERE a.qr <> '' AND o.qr <> '' AND md5(o.qr) = md5(a.qr) AND o.qr = a.qr
       AND o.received_at > a.received_at - interval '2 hours' AND o.device_id <> a.device_id
     ORDER BY abs(extract(epoch FROM a.received_at - o.received_at)), o.id LIMIT 1)) same
JOIN lanes_arrival other ON other.id = same.id
WHERE a.id = ANY(%s)
"""


def _seen_elsewhere(
    arrivals: Sequence[Claimed],
) -> Question[dict[uuid.UUID, dict[str, Elsewhere]]]:
    """Where each arrival's `tag` and `qr` were seen by another device. One query."""
    found: dict[uuid.UUID, dict[str, Elsewhere]] = defaultdict(dict)
    [rows] = yield [Ask(_ELSEWHERE, [[arrival.id for arrival in arrivals]])]
    for arrival_id, by, other_id, device_id, same_port, seconds in rows:
        found[arrival_id][by] = Elsewhere(str(other_id), device_id, same_port, float(seconds))
    return found


_CREDENTIALS = """
SELECT kind, coalesce(truck_id, driver_id, 0), id, public_id::text,
       coalesce(truck_id, driver_id, 0), state, extract(epoch FROM valid_from)::float8,
       extract(epoch FROM valid_until)::float8, coalesce(tag_epc, ''), plate_number,
       plate_jurisdiction
FROM credentials_credential
WHERE truck_id = ANY(%s::bigint[]) OR driver_id = ANY(%s::bigint[]) ORDER BY id
"""


def _newest_credentials(
    trucks: Iterable[EnrolledTruck], drivers: Iterable[EnrolledDriver]
) -> Question[dict[tuple[str, int], CredentialFacts]]:
    """The newest credential of each truck and driver, whatever its state. One query."""
    values = [[truck.id for truck in trucks], [driver.id for driver in drivers]]
    [rows] = yield [Ask(_CREDENTIALS, values)]
    return {(row[0], row[1]): CredentialFacts(*row[2:]) for row in rows}


def _seen(arrival: Claimed) -> Seen:
    return Seen(
        observed_at=arrival.observed_at.timestamp(),
        received_at=arrival.received_at.timestamp(),
        direction=arrival.direction,
        lane_group=arrival.lane_group,
        tag_epc=arrival.tag_epc,
        plate_number=arrival.plate_number,
        plate_jurisdiction=arrival.plate_jurisdiction,
        trip_number=arrival.trip_number,
        seals=tuple(arrival.seals),
        gross_weight_kg=arrival.gross_weight_kg,
        radiation_alarm=arrival.radiation_alarm,
    )


def _carrier_facts(truck: EnrolledTruck, known: Known) -> CarrierFacts:
    return CarrierFacts(
        truck.carrier_id,
        truck.scac,
        truck.carrier_state,
        truck.tier,
        *known.record_of(truck.carrier_id),
    )


def _truck_facts(truck: EnrolledTruck) -> TruckFacts:
    return TruckFacts(
        truck.id,
        truck.carrier_id,
        truck.tag_epc,
        truck.plate_number,
        truck.plate_jurisdiction,
    )


def _driver_facts(driver: EnrolledDriver) -> DriverFacts:
    ends = driver.fast_card_expires_date
    return DriverFacts(
        driver.id, driver.carrier_id, driver.fast_card, _end_of(ends) if ends else None
    )


def _end_of(day: date) -> float:
    """A card is good through its last day (UTC)."""
    return datetime.combine(day, time.max, UTC).timestamp()


def _presented(verdict: Verdict) -> Presented:
    claims = verdict.claims
    return Presented(
        claims.kind,
        str(claims.public_id or ""),
        claims.tag_epc,
        claims.plate_number,
        claims.plate_jurisdiction,
        verdict.codes,
    )
