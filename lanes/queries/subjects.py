"""Who arrived: the trucks, drivers and trips that the readers' arrivals are found to be."""

import uuid
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from lanes.queries.alerts import Stand, Subject, alerts_against, filed_as_named
from lanes.queries.enrolled import EnrolledDriver, EnrolledTruck, drivers_in_use, trucks_in_use
from lanes.queries.work import Claimed
from trustedtruck.core.abreast import Question, abreast, answer_of
from trustedtruck.credentials.genuine import verify_qr, verify_vc_jwt
from trustedtruck.credentials.verify import Verdict, current_keys
from trustedtruck.identifiers import fast_card
from trustedtruck.manifests.facts import TripFacts
from trustedtruck.manifests.queries import Asked, trips_of

Trucks = dict[str | uuid.UUID | None, EnrolledTruck]
Drivers = dict[str | uuid.UUID | None, EnrolledDriver]
Trips = dict[Hashable, TripFacts]


@dataclass(frozen=True, slots=True)
class Shown:
    """The verdicts on what one arrival showed, and the card's number where it was only a number."""

    verdicts: tuple[Verdict, ...]
    card: str

    def subject(self, kind: str) -> uuid.UUID | None:
        """Whom the first good credential of this kind is about."""
        return next(
            (v.claims.subject_id for v in self.verdicts if v.ok and v.claims.kind == kind), None
        )


def verify(arrival: Claimed) -> Shown:
    """Check whatever was shown: signature, form and dates, at the database's clock."""
    keys, at = current_keys(), arrival.received_at
    verdicts = []
    if arrival.qr:
        verdicts.append(verify_qr(arrival.qr, at=at, keys=keys))
    if arrival.credential:
        verdicts.append(verify_vc_jwt(arrival.credential, at=at, keys=keys))
    card = ""
    if arrival.driver_card:
        number = fast_card.check(arrival.driver_card)
        if number.ok:
            card = number.value
        else:
            verdicts.append(verify_qr(arrival.driver_card, at=at, keys=keys))
    return Shown(tuple(verdicts), card)


def enrolled(
    arrivals: Sequence[Claimed], shown: Mapping[uuid.UUID, Shown]
) -> Question[tuple[Trucks, Drivers]]:
    """Trucks and drivers in use, by all that was seen and shown of them."""
    trucks, drivers = yield from abreast(
        trucks_in_use(
            {arrival.tag_epc for arrival in arrivals if arrival.tag_epc},
            {s for one in shown.values() if (s := one.subject("truck"))},
        ),
        drivers_in_use(
            {one.card for one in shown.values() if one.card},
            {s for one in shown.values() if (s := one.subject("driver"))},
        ),
    )
    return trucks, drivers


def trips(
    arrivals: Sequence[Claimed], certificates_at: Mapping[str, tuple[str, ...]]
) -> Question[Trips]:
    """The trip of each arrival that has one. `certificates_at` is for which goods a port wants
    certificates.
    """
    asked = defaultdict(list)
    for a in arrivals:
        one = Asked(a.id, a.port, a.trip_number, a.plate_number, a.tag_epc)
        asked[certificates_at.get(a.port, ())].append(one)
    found: Trips = {}
    for some in (yield from abreast(*(trips_of(a, certificates_for=c) for c, a in asked.items()))):
        found |= some
    return found


def subjects_of(
    arrivals: Sequence[Claimed],
    shown: Mapping[uuid.UUID, Shown],
    trucks: Trucks,
    drivers: Drivers,
    trips: Trips,
) -> dict[uuid.UUID, Subject]:
    """Which truck, driver and trip each arrival is found to be."""
    found = {}
    for arrival in arrivals:
        mine = shown[arrival.id]
        truck = trucks.get(arrival.tag_epc) or trucks.get(mine.subject("truck"))
        driver = drivers.get(mine.subject("driver")) or drivers.get(mine.card)
        found[arrival.id] = Subject(arrival, arrival.port, truck, driver, trips.get(arrival.id))
    return found


def alerts_now(arrivals: Sequence[Claimed]) -> dict[uuid.UUID, Stand]:
    """Which alerts stand against arrivals at this moment, however long ago they were decided."""
    shown = {arrival.id: verify(arrival) for arrival in arrivals}
    (trucks, drivers), own, filed = answer_of(
        abreast(enrolled(arrivals, shown), trips(arrivals, {}), filed_as_named(arrivals))
    )
    return alerts_against(subjects_of(arrivals, shown, trucks, drivers, own).values(), filed)
