"""The fixed cast of the tests: one port, one trusted carrier, the trucks and drivers around it.

Rosa drives Truck One of Norte, a certified tier-3 carrier; Luis drives Truck Two. Sur is another
certified carrier, with Ana. Everything is made by the services that officers use.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from lanes.models import Lane, Port
from lanes.rules.policy import Policy as Rules
from lanes.services.policies import approve_policy, draft_policy
from trustedtruck.accounts.models import Device
from trustedtruck.accounts.roles import Scope
from trustedtruck.accounts.services import issue_key, register_device
from trustedtruck.audit.actors import Actor, system
from trustedtruck.carriers.models import Carrier, Driver, Truck
from trustedtruck.carriers.services import (
    NewDriver,
    NewTruck,
    add_drivers,
    add_trucks,
    change_carrier,
    register_carrier,
)
from trustedtruck.core.fields import instant
from trustedtruck.core.ids import uuid7
from trustedtruck.credentials import services as credentials
from trustedtruck.credentials.models import Credential
from trustedtruck.identifiers import epc, vin
from trustedtruck.manifests.json_reader import read_filing
from trustedtruck.manifests.samples import SAMPLE_PARTNERS, sample_manifest
from trustedtruck.manifests.services import partners
from trustedtruck.manifests.services.filing import file_manifest

TESTER = system("test")
PORT = "2304"
PORTS_CLOCK = ZoneInfo("America/Chicago")
TRIP = "NRTE20260001"
SEALS = ["CAST001"]


def tag(serial: int) -> str:
    return epc.to_hex(epc.Epc(epc.Scheme.GIAI_96, 0, "0860001", str(serial)))


def good_vin(serial: int) -> str:
    draft = f"1FUJGLDR0PL{serial:06d}"
    return draft[:8] + vin.check_digit(draft) + draft[9:]


@dataclass
class Cast:
    port: Port
    device: Device
    key: str
    norte: Carrier
    truck: Truck
    other_truck: Truck
    rosa: Driver
    luis: Driver
    sur: Carrier
    ana: Driver
    credentials: dict[str, Credential]

    def arrival(self, **changes: Any) -> dict[str, Any]:
        """Truck One with Rosa, all in order; `changes` replace fields, None leaves one out."""
        body: dict[str, Any] = {
            "event_id": str(uuid7()),
            "port": PORT,
            "observed_at": instant(timezone.now()),
            "direction": "northbound",
            "tag_epc": self.truck.tag_epc,
            "qr": self.credentials["truck"].qr,
            "plate": {
                "number": self.truck.plate_number,
                "jurisdiction": self.truck.plate_jurisdiction,
            },
            "driver_card": self.credentials["rosa"].qr,
            "trip_number": TRIP,
            "seals": SEALS,
            "gross_weight_kg": 24_000,
            "radiation_alarm": False,
        }
        return {k: v for k, v in (body | changes).items() if v is not None}


def make_port(code: str = PORT, *, at: datetime | None = None, **rules: Any) -> Port:
    port = Port.objects.create(
        code=code, name="World Trade Bridge", country="US", timezone=PORTS_CLOCK.key
    )
    for n, route in enumerate(["fast", "fast", "inspection", "inspection"], start=1):
        Lane.objects.create(
            port=port,
            code=f"{n:02d}",
            name=f"{route} {n}",
            route=route,
            directions=["northbound", "southbound"],
            service_seconds=27 if route == "fast" else 75,
        )
    # The cast's manifest is filed in the minute of the test.
    usual = Rules(1, sampling_by_tier={"1": 0.0, "2": 0.0, "3": 0.0}, fast_filing_minutes=0.0)
    body = usual.as_json() | rules
    at = at or timezone.now() - timedelta(days=1)
    draft = draft_policy(port=port, body=body, by=Actor("user", "1"), at=at)
    approve_policy(policy=draft, by=Actor("user", "2"), at=at)
    return port


def make_device(port_code: str = PORT, code: str = "gate-1") -> tuple[Device, str]:
    device = register_device(port_code=port_code, code=code, name=code, by=TESTER)
    key = issue_key(
        scopes=[Scope.ARRIVALS_WRITE, Scope.PASSAGES_WRITE, Scope.LANES_READ],
        by=TESTER,
        at=timezone.now(),
        device=device,
    )
    return device, key


def make_carrier(scac: str, name: str, *, tier: int = 3, by: Actor = TESTER) -> Carrier:
    now = timezone.now()
    carrier = register_carrier(
        legal_name=name,
        country="US",
        kind=Carrier.Kind.US_HIGHWAY,
        identifiers={"scac": scac},
        by=by,
        at=now,
    )
    change_carrier("submit", carrier=carrier, by=by, at=now)
    return change_carrier("certify", carrier=carrier, by=by, at=now, tier=tier)


def file_trip(carrier: Carrier, truck: Truck, driver: Driver, **changes: Any) -> None:
    """A manifest that agrees with `Cast.arrival`; `changes` go to `sample_manifest`."""
    now = timezone.now()
    for partner in SAMPLE_PARTNERS:
        partners.register(**partner, by=TESTER, at=now)
    body = sample_manifest(
        **{
            "scac": carrier.scac,
            "trip_number": TRIP,
            "port": PORT,
            "plate": truck.plate_number,
            "jurisdiction": truck.plate_jurisdiction,
            "vin": truck.vin,
            "tag_epc": truck.tag_epc or "",
            "fast_card": driver.fast_card or "",
            "seals": tuple(SEALS),
            "estimated_arrival_at": now + timedelta(minutes=40),
            **changes,
        }
    )
    filing, errors = read_filing(body, scac=carrier.scac)
    file_manifest(
        filing=filing, carrier=carrier, source="json", by=TESTER, at=now, errors=tuple(errors)
    )


def make_cast() -> Cast:
    now = timezone.now()
    port = make_port()
    device, key = make_device()
    norte, sur = make_carrier("NRTE", "Norte"), make_carrier("SURR", "Sur")
    trucks = add_trucks(
        carrier=norte,
        trucks=[NewTruck(f"N{n}", good_vin(n), f"NPL8{n}", "TX", tag(n)) for n in (1, 2)],
        by=TESTER,
        at=now,
    )
    card_ends = now.date() + timedelta(days=400)

    def driver(given: str, card: str) -> NewDriver:
        return NewDriver(given, "Prueba", date(1980, 5, 17), "MX", card, card_ends)

    rosa, luis = add_drivers(
        carrier=norte,
        drivers=[driver("Rosa", "41000000000001"), driver("Luis", "41000000000002")],
        by=TESTER,
        at=now,
    )
    (ana,) = add_drivers(carrier=sur, drivers=[driver("Ana", "41000000000003")], by=TESTER, at=now)
    made = credentials.issue_credentials([*trucks, rosa, luis, ana], by=TESTER, at=now)
    file_trip(norte, trucks[0], rosa)
    names = ["truck", "other_truck", "rosa", "luis", "ana"]
    return Cast(
        port,
        device,
        key,
        norte,
        trucks[0],
        trucks[1],
        rosa,
        luis,
        sur,
        ana,
        dict(zip(names, made, strict=True)),
    )
