"""Bodies that work as they stand, for `demo.json`."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from lanes.demonstration.identities import CARRIERS, TRUCKS_EACH, tag
from lanes.demonstration.port import WORLD_TRADE
from lanes.demonstration.trips import seal, weight, with_drivers
from trustedtruck.carriers.models import Carrier, Driver, Truck
from trustedtruck.core.fields import instant
from trustedtruck.core.ids import uuid7
from trustedtruck.credentials.models import Credential
from trustedtruck.manifests.models import Trip
from trustedtruck.manifests.samples import sample_manifest

FAST, INSPECTION = 120, 40


def arrival(
    truck: Truck, driver: Driver, qr: str, driver_qr: str, trip: str, *, observed_at: datetime
) -> dict[str, Any]:
    """What a gate would report of this truck with this driver."""
    return {
        "event_id": str(uuid7()),
        "port": WORLD_TRADE,
        "observed_at": instant(observed_at),
        "direction": "northbound",
        "tag_epc": truck.tag_epc,
        "qr": qr,
        "plate": {"number": truck.plate_number, "jurisdiction": truck.plate_jurisdiction},
        "driver_card": driver_qr,
        "trip_number": trip,
        "seals": [seal(truck)],
        "gross_weight_kg": weight(truck),
        "radiation_alarm": False,
    }


def all_arrivals(*, observed_at: datetime) -> list[tuple[Truck, dict[str, Any]]]:
    """One report for each truck of the demonstration with a tag, in stable order."""
    tagged = Truck.objects.exclude(tag_epc=None).select_related("carrier")
    pairs = with_drivers(_with_qr(tagged, "truck"), _with_qr(Driver.objects.all(), "driver"))
    trips = dict(Trip.objects.order_by("pk").values_list("tag_epc", "trip_number"))
    found = []
    for truck, driver in pairs:
        body = arrival(
            truck,
            driver,
            truck.qr or "",
            driver.qr or driver.fast_card or "",
            trips.get(truck.tag_epc or "", ""),
            observed_at=observed_at,
        )
        found.append((truck, {name: value for name, value in body.items() if value != ""}))
    return found


def _with_qr(rows: QuerySet[Any], subject: str) -> QuerySet[Any]:
    newest = Credential.objects.filter(**{subject: OuterRef("pk")}).order_by("-pk")
    found: QuerySet[Any] = rows.annotate(qr=Subquery(newest.values("qr")[:1])).order_by("pk")
    return found


def unknown_truck(n: int, *, observed_at: datetime) -> dict[str, Any]:
    """A truck that nobody enrolled."""
    return {
        "event_id": str(uuid7()),
        "port": WORLD_TRADE,
        "observed_at": instant(observed_at),
        "direction": "northbound",
        "tag_epc": tag(CARRIERS * TRUCKS_EACH + 1_000 + n),
        "plate": {"number": f"ZZ{n:05d}", "jurisdiction": "TX"},
        "radiation_alarm": False,
    }


def manifest(*, at: datetime) -> dict[str, Any]:
    """A manifest that nobody has filed yet, for the last truck of the first carrier's fleet."""
    truck = Truck.objects.select_related("carrier").order_by("pk")[TRUCKS_EACH - 1]
    driver = Driver.objects.filter(carrier=truck.carrier).order_by("pk")[TRUCKS_EACH - 1]
    return sample_manifest(
        scac=truck.carrier.scac,
        trip_number=f"{truck.carrier.scac}SAMPLE{at:%y%m%d%H%M%S}",
        port=WORLD_TRADE,
        plate=truck.plate_number,
        jurisdiction=truck.plate_jurisdiction,
        truck_number=truck.number,
        vin=truck.vin,
        fast_card=driver.fast_card or "",
        given_names=driver.given_names,
        family_names=driver.family_names,
        estimated_arrival_at=at + timedelta(hours=2),
    )


def samples(*, at: datetime) -> dict[str, Any]:
    """The `samples` of demo.json: single ones, and lists of distinct trucks."""
    fast, inspection = [], []
    for truck, body in all_arrivals(observed_at=at):
        carrier = truck.carrier
        if carrier.tier == 3 and carrier.state == "certified":
            fast.append(body)
        elif carrier.state != Carrier.state.field.default and carrier.state != "certified":
            inspection.append(body)
    inspection += [unknown_truck(n, observed_at=at) for n in range(INSPECTION)]
    return {
        "manifest": manifest(at=at),
        # Of the carrier whose people have log-ins: they find it among their crossings.
        "fast_arrival": fast[0],
        "inspection_arrival": inspection[-1],
        "fast_arrivals": fast[1 : FAST + 1],
        "inspection_arrivals": inspection[:INSPECTION],
    }
