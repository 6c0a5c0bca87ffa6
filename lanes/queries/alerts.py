"""Which alerts and holds stand against arrivals, for the facts: the same queries for 1 or 64."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from lanes.queries.enrolled import EnrolledDriver, EnrolledTruck
from lanes.queries.work import Claimed
from lanes.rules.facts import AlertFacts, Watch
from trustedtruck.alerts.kinds import Kind, Value
from trustedtruck.alerts.queries.matching import (
    Known,
    Looked,
    direction,
    filings,
    filings_of,
    look,
)
from trustedtruck.core.abreast import Ask, Question
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


def filed_as_named(arrivals: Iterable[Claimed]) -> Question[dict[str, Known]]:
    """What the filings say that the gates named by their trips' numbers."""
    return filings_of({arrival.trip_number for arrival in arrivals})


def alerts_against(
    subjects: Iterable[Subject], named: Mapping[str, Known]
) -> dict[uuid.UUID, Stand]:
    """Three queries: the filings of trips that no gate `named`, the index of alerts, and what
    officers dismissed.
    """
    subjects = list(subjects)
    filed = {**named, **filings({s.trip.trip_number for s in subjects if s.trip} - named.keys())}
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
) -> Question[set[tuple[str, int]]]:
    """(`truck` or `driver`, id) of those under an officer's hold. One query."""
    values = [[truck.id for truck in trucks], [driver.id for driver in drivers]]
    [rows] = yield [Ask(_HELD, values)]
    return {("truck", truck) if truck else ("driver", driver) for truck, driver in rows}


def _known(subject: Subject, filed: Mapping[str, Known]) -> Known:
    """What was filed, what the readers saw, and what is enrolled of the truck and driver that it
    was found to be. The filing's keys are ready."""
    truck, driver = subject.truck, subject.driver
    known = [_plain(_seen(subject))]
    if truck is not None:
        known.append(_of_truck(truck, settings.SECRET_KEY))
    if driver is not None:
        known.append(_of_driver(driver, settings.SECRET_KEY))
    trip = filed.get(subject.trip.trip_number) if subject.trip else None
    return (trip or Known(frozenset(), truck.scac if truck else "")).joined(*known)


_TEXT: dict[str, str] = {kind: kind.value for kind in Kind}


def _plain(values: Iterable[tuple[str, str]]) -> Known:
    """As plain texts, of which keys are made sooner than of an enumeration's members."""
    return Known(frozenset(Value(_TEXT[kind], value) for kind, value in values if value))


def _seen(subject: Subject) -> Iterator[tuple[str, str]]:
    seen = subject.arrival
    yield direction(subject.port_code, seen.direction)
    yield Kind.TAG, seen.tag_epc
    yield Kind.PLATE, f"{seen.plate_jurisdiction} {seen.plate_number}".strip()
    for number in seen.seals:
        yield Kind.SEAL, number


# The same trucks and drivers come all day. A row says all that is made of it, but for what the
# marks of names hang on.
@lru_cache(20_000)
def _of_truck(truck: EnrolledTruck, _secret_key: str) -> Known:
    def values() -> Iterator[tuple[str, str]]:
        yield from of_carrier(truck)
        yield Kind.VIN, truck.vin
        yield Kind.TAG, truck.tag_epc
        yield Kind.PLATE, f"{truck.plate_jurisdiction} {truck.plate_number}"
        yield Kind.TRUCK, f"{truck.scac} {truck.number}"

    return _plain(values())


@lru_cache(20_000)
def _of_driver(driver: EnrolledDriver, _secret_key: str) -> Known:
    return _plain([(Kind.DRIVER, driver.fast_card), (Kind.DRIVER_NAME, driver.name)])


def forget() -> None:
    """Make it of every row again: to measure it."""
    _of_truck.cache_clear()
    _of_driver.cache_clear()
