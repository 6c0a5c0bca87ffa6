"""Which alerts and holds stand against arrivals, for the facts: the same queries for 1 or 64."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lanes.queries.enrolled import EnrolledDriver, EnrolledTruck
from lanes.queries.work import Claimed
from lanes.rules.facts import AlertFacts, Watch
from trustedtruck.alerts.kinds import Kind, Value
from trustedtruck.alerts.queries.matching import Known, Looked, direction, filings, look
from trustedtruck.core.prepared import prepared_rows
from trustedtruck.manifests.facts import TripFacts
from trustedtruck.manifests.services.screening import of_carrier


@dataclass(frozen=True, slots=True)
class Stand:
    """What stands against one arrival. `checked` False: its filing was never compared."""

    known: Known
    looked: Looked
    checked: bool

    @property
    def alerts(self) -> tuple[AlertFacts, ...]:
        found = sorted(self.looked.matches, key=lambda match: match.public_id)
        return tuple(AlertFacts(match.public_id, match.close) for match in found)

    @property
    def watch(self) -> Watch:
        return Watch(tuple(self.known.keys), self.looked.passed)


@dataclass(frozen=True, slots=True)
class Subject:
    """One arrival with whom it was found to be."""

    arrival: Claimed
    port_code: str
    truck: EnrolledTruck | None
    driver: EnrolledDriver | None
    trip: TripFacts | None


def alerts_against(subjects: Iterable[Subject]) -> dict[uuid.UUID, Stand]:
    """Three queries: the filings, the index of alerts, and what officers dismissed."""
    subjects = list(subjects)
    filed = filings({s.trip.trip_number for s in subjects if s.trip})
    known = {s.arrival.id: _known(s, filed) for s in subjects}
    looked = look(known)
    return {
        s.arrival.id: Stand(
            known[s.arrival.id],
            looked[s.arrival.id],
            checked=s.trip is None or s.trip.trip_number in filed,
        )
        for s in subjects
    }


_HELD = """
SELECT c.truck_id, c.driver_id FROM credentials_hold h
JOIN credentials_credential c ON c.id = h.credential_id
WHERE h.lifted_at IS NULL AND (c.truck_id = ANY(%s::bigint[]) OR c.driver_id = ANY(%s::bigint[]))
"""


def held(
    trucks: Iterable[EnrolledTruck], drivers: Iterable[EnrolledDriver]
) -> set[tuple[str, int]]:
    """(`truck` or `driver`, id) of those under an officer's hold. One query."""
    values = [[truck.id for truck in trucks], [driver.id for driver in drivers]]
    return {
        ("truck", truck) if truck else ("driver", driver)
        for truck, driver in prepared_rows(_HELD, values)
    }


_TEXT: dict[str, str] = {kind: kind.value for kind in Kind}


def _known(subject: Subject, filed: Mapping[str, Known]) -> Known:
    # As plain texts, of which keys are made sooner than of an enumeration's members.
    own = frozenset(Value(_TEXT[kind], value) for kind, value in _values(subject) if value)
    trip = filed.get(subject.trip.trip_number) if subject.trip else None
    if trip is not None:
        # The filing's keys are ready; only the arrival's own are made now.
        return trip.seen_as(own)
    return Known(own, subject.truck.scac if subject.truck else "")


def _values(subject: Subject) -> Iterator[tuple[str, str]]:
    """What the readers saw, and what is enrolled of the truck and driver it was found to be."""
    seen, truck, driver = subject.arrival, subject.truck, subject.driver
    yield direction(subject.port_code, seen.direction)
    yield Kind.TAG, seen.tag_epc
    yield Kind.PLATE, f"{seen.plate_jurisdiction} {seen.plate_number}".strip()
    for number in seen.seals:
        yield Kind.SEAL, number
    if truck is not None:
        yield from of_carrier(truck)
        yield Kind.VIN, truck.vin
        yield Kind.TAG, truck.tag_epc
        yield Kind.PLATE, f"{truck.plate_jurisdiction} {truck.plate_number}"
        yield Kind.TRUCK, f"{truck.scac} {truck.number}"
    if driver is not None:
        yield Kind.DRIVER, driver.fast_card
        yield Kind.DRIVER_NAME, driver.name
