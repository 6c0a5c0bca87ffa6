"""The demonstration's manifests: one for each truck of a certified carrier, kept good."""

from datetime import datetime, timedelta

from lanes.demonstration.port import WORLD_TRADE
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier, Driver, Truck
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
    """File a manifest for each truck with the driver of the same place in its fleet.

    A truck whose trip is still open, and good for some hours more, needs none.
    """
    certified = Carrier.objects.filter(state="certified").order_by("pk")
    if only:
        certified = certified.filter(pk=only.carrier_id)
    under_way = set(
        Trip.objects.filter(state=TripState.FILED, filed_at__gt=at - GOOD_FOR)
        .exclude(tag_epc="")
        .values_list("tag_epc", flat=True)
    )
    for partner in SAMPLE_PARTNERS:
        partners.register(**partner, by=by, at=at)
    for carrier in certified:
        pairs = zip(
            Truck.objects.filter(carrier=carrier).select_related("carrier").order_by("pk"),
            Driver.objects.filter(carrier=carrier).order_by("pk"),
            strict=True,
        )
        for truck, driver in pairs:
            if truck.tag_epc in under_way or (only and truck != only):
                continue
            filing, errors = read_filing(_body(truck, driver, at), scac=carrier.scac)
            file_manifest(
                filing=filing,
                carrier=carrier,
                source="json",
                by=by,
                at=at,
                errors=tuple(errors),
            )


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
