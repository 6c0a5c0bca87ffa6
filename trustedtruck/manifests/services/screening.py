"""What a trip says, in values that alerts can be on; alerts look at every filing."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from django.db import transaction
from django.db.models import Exists, OuterRef

from trustedtruck.alerts import kinds
from trustedtruck.alerts.kinds import Kind, Value
from trustedtruck.alerts.models import Filing
from trustedtruck.alerts.services.screening import screen_filing
from trustedtruck.audit.actors import Actor
from trustedtruck.manifests.models import Commodity, CrewMember, Equipment, Party, Seal, Trip
from trustedtruck.manifests.states import OPEN

AT_ONCE = 500
_PARTIES = {
    "shipper": Kind.SHIPPER,
    "manufacturer": Kind.SHIPPER,
    "consignee": Kind.CONSIGNEE,
    "importer": Kind.CONSIGNEE,
}


def screen(trip: Trip, *, by: Actor, at: datetime) -> None:
    """Let the alerts look at a trip as it is on file now, in the transaction that put it there."""
    screen_filing(
        ref=trip.trip_number,
        port_code=trip.port_code,
        scac=trip.carrier.scac,
        values=_usable(trip),
        open=trip.state in OPEN,
        by=by,
        at=at,
    )


def screen_missing(*, by: Actor, at: datetime) -> int:
    """Let the alerts look at open trips that they never saw, such as those filed before there were
    alerts: so many at once, each in its own transaction. How many."""
    seen = Filing.objects.filter(ref=OuterRef("trip_number"))
    missing = Trip.objects.filter(~Exists(seen), state__in=OPEN).order_by("pk")
    ids = list(missing.values_list("pk", flat=True)[:AT_ONCE])
    for pk in ids:
        with transaction.atomic():
            # A message about the trip that comes in meanwhile waits, or has looked at it already.
            trip = Trip.objects.select_for_update(of=("self",)).select_related("carrier").get(pk=pk)
            if not Filing.objects.filter(ref=trip.trip_number).exists():
                screen(trip, by=by, at=at)
    return len(ids)


def _usable(trip: Trip) -> Iterator[Value]:
    """In normal form; what has none cannot be what an alert is on."""
    for kind, text in _raw(trip):
        if text:
            checked = kinds.check(kind, text)
            if checked.value and len(checked.value) <= kinds.MAX_NAME:
                yield Value(kind, checked.value)


def _raw(trip: Trip) -> Iterator[tuple[Kind, str]]:
    yield from of_carrier(trip.carrier)
    yield Kind.ROUTE, trip.port_code
    yield Kind.VIN, trip.vin
    yield Kind.TAG, trip.tag_epc
    yield Kind.TRUCK, f"{trip.carrier.scac} {trip.truck_number}" if trip.truck_number else ""
    yield Kind.PLATE, f"{trip.plate_jurisdiction} {trip.plate_number}".strip()
    for one in Equipment.objects.filter(trip=trip):
        yield Kind.CONTAINER if one.kind == "container" else Kind.TRAILER, one.number
        yield Kind.PLATE, f"{one.plate_jurisdiction} {one.plate_number}".strip()
    for number in Seal.objects.filter(trip=trip).values_list("number", flat=True):
        yield Kind.SEAL, number
    for person in CrewMember.objects.filter(trip=trip):
        yield Kind.DRIVER, person.fast_card
        yield Kind.DRIVER_NAME, f"{person.given_names} {person.family_names}"
    goods = Commodity.objects.filter(shipment__trip=trip)
    for code, country in goods.values_list("hs_code", "origin_country").distinct():
        yield Kind.HS, code
        yield Kind.ORIGIN, country
    parties = Party.objects.filter(shipment__trip=trip, role__in=_PARTIES)
    for role, name in parties.values_list("role", "name").distinct():
        yield _PARTIES[role], name


class Named(Protocol):
    """A carrier, or a row that has its names."""

    @property
    def legal_name(self) -> str: ...
    @property
    def scac(self) -> str: ...
    @property
    def usdot(self) -> str | None: ...
    @property
    def rfc(self) -> str | None: ...
    @property
    def caat(self) -> str | None: ...


def of_carrier(carrier: Named) -> Iterator[tuple[Kind, str]]:
    """What alerts may name of a carrier."""
    yield Kind.CARRIER_NAME, carrier.legal_name
    for identifier in (carrier.scac, carrier.usdot, carrier.rfc, carrier.caat):
        yield Kind.CARRIER, identifier or ""
