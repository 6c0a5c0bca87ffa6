"""The demonstration's manifests: one for each truck of a certified carrier, kept good."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from lanes.demonstration.identities import cards_by_vin
from lanes.demonstration.port import WORLD_TRADE
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Driver, Truck
from trustedtruck.manifests.json_reader import read_filing
from trustedtruck.manifests.models import Trip
from trustedtruck.manifests.samples import SAMPLE_PARTNERS, sample_manifest
from trustedtruck.manifests.services import partners
from trustedtruck.manifests.services.filing import file_manifest
from trustedtruck.manifests.states import TripState

GOOD_FOR = timedelta(hours=12)


def trip_number(truck: Truck, at: datetime) -> str:
    """SCAC, day and time, and the truck's number in its fleet."""
    return f"{truck.carrier.scac}{at:%y%m%d%H%M%S}{truck.number[4:]}"


def seal(truck: Truck) -> str:
    return f"TT{truck.pk:06d}"


def weight(truck: Truck) -> int:
    """Gross, kg."""
    return 31_000 + truck.pk % 5_000


def file_trips(*, by: Actor, at: datetime, only: Truck | None = None) -> None:
    """File a manifest for each truck of the demonstration, with its driver.

    A truck whose trip is still open, and good for some hours more, needs none.
    """
    trucks = Truck.objects.filter(carrier__state="certified").select_related("carrier")
    if only:
        trucks = trucks.filter(pk=only.pk)
    under_way = set(
        Trip.objects.filter(state=TripState.FILED, filed_at__gt=at - GOOD_FOR)
        .exclude(tag_epc="")
        .values_list("tag_epc", flat=True)
    )
    for partner in SAMPLE_PARTNERS:
        partners.register(**partner, by=by, at=at)
    for truck, driver in with_drivers(trucks, Driver.objects.all()):
        if truck.tag_epc in under_way:
            continue
        filing, errors = read_filing(_body(truck, driver, at), scac=truck.carrier.scac)
        file_manifest(
            filing=filing,
            carrier=truck.carrier,
            source="json",
            by=by,
            at=at,
            errors=tuple(errors),
        )


def with_drivers(trucks: QuerySet[Any], drivers: QuerySet[Any]) -> Iterator[tuple[Any, Any]]:
    """The demonstration's own trucks that are in their fleet still, each with its driver.

    Visitors enrol companies, add to fleets and take out of them; what they did is theirs alone.
    """
    cards = cards_by_vin()
    by_card = {driver.fast_card: driver for driver in drivers.filter(retired_at=None)}
    for truck in trucks.filter(retired_at=None, vin__in=cards).order_by("pk"):
        driver = by_card.get(cards[truck.vin])
        if driver is not None and driver.carrier_id == truck.carrier_id:
            yield truck, driver


def open_trip(truck: Truck, *, by: Actor, at: datetime) -> str:
    """The number of the truck's open trip; its carrier files one where there is none.

    Empty where the carrier may not: it is not certified.
    """
    file_trips(by=by, at=at, only=truck)
    filed = Trip.objects.filter(tag_epc=truck.tag_epc, state=TripState.FILED)
    return filed.order_by("-pk").values_list("trip_number", flat=True).first() or ""


def _body(truck: Truck, driver: Driver, at: datetime) -> dict[str, object]:
    return sample_manifest(
        scac=truck.carrier.scac,
        trip_number=trip_number(truck, at),
        port=WORLD_TRADE,
        plate=truck.plate_number,
        jurisdiction=truck.plate_jurisdiction,
        truck_number=truck.number,
        vin=truck.vin,
        tag_epc=truck.tag_epc or "",
        fast_card=driver.fast_card or "",
        given_names=driver.given_names,
        family_names=driver.family_names,
        seals=(seal(truck),),
        shipment_number=f"{truck.carrier.scac}{at:%y%j%H%M%S}{truck.number[-1]}",
        estimated_arrival_at=at + timedelta(hours=1),
        gross_weight_kg=weight(truck),
    )
