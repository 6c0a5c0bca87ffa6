"""Trucks for measuring: one that has everything in order, and many that lack this or that."""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lanes.rules import Facts, Policy
from lanes.rules.facts import (
    AlertFacts,
    BundleFacts,
    CarrierFacts,
    CredentialFacts,
    DriverFacts,
    Elsewhere,
    LaneFacts,
    Owed,
    Presented,
    Seen,
    TruckFacts,
)
from trustedtruck.manifests.facts import (
    CrewFacts,
    SealFacts,
    ShipmentFacts,
    TrailerFacts,
    TripFacts,
)

NOW = 1_800_000_000.0
TAG = "341800004000000000000001"
POLICY = Policy(1, sampling_by_tier={"1": 0.1, "2": 0.05, "3": 0.02})
_BOTH = ("northbound", "southbound")


def lanes() -> tuple[LaneFacts, ...]:
    """A port of 14 open lanes, four of them fast, with trucks in line."""
    return tuple(
        LaneFacts(
            n, f"{n:02d}", "fast" if n <= 4 else "inspection", "", True, _BOTH, "any", n % 5, 30.0
        )
        for n in range(1, 15)
    )


def trusted() -> Facts:
    """A laden truck of a tier-3 carrier with all its papers."""
    seal = SealFacts("SEAL1", "H")
    return Facts(
        seen=Seen(
            observed_at=NOW - 1,
            received_at=NOW,
            direction="northbound",
            tag_epc=TAG,
            plate_number="ABC123",
            plate_jurisdiction="TX",
            seals=("SEAL1",),
            gross_weight_kg=30_000,
            radiation_alarm=False,
        ),
        port="2304",
        carrier=CarrierFacts(1, "NRTE", "certified", 3),
        truck=TruckFacts(1, 1, TAG, "ABC123", "TX"),
        truck_credential=CredentialFacts(
            11, "t-11", 1, "active", NOW - 1000, NOW + 1000, TAG, "ABC123", "TX"
        ),
        driver=DriverFacts(5, 1, "41000000000001", NOW + 1000),
        driver_credential=CredentialFacts(12, "d-12", 5, "active", NOW - 1000, NOW + 1000),
        presented=(Presented("truck", "t-11", TAG, "ABC123", "TX"), Presented("driver", "d-12")),
        trip=TripFacts(
            id=1,
            trip_number="NRTE0001",
            carrier_id=1,
            scac="NRTE",
            port="2304",
            state="filed",
            purpose="complete",
            found_by="trip_number",
            changed_at=NOW - 7200,
            filed_at=NOW - 7200,
            estimated_arrival_at=NOW + 600,
            plate_number="ABC123",
            plate_jurisdiction="TX",
            tag_epc=TAG,
            gross_weight_kg=30_000,
            laden=True,
            trailers=(TrailerFacts("trailer", "R1", "R1P", "TX", True, (seal,)),),
            seals=(seal,),
            crew=(CrewFacts("driver", "41000000000001", 5),),
            shipments=(
                ShipmentFacts(
                    "NRTE0001A",
                    hs_codes=("870830",),
                    manufacturer_certified=True,
                    importer_certified=True,
                ),
            ),
        ),
        lanes=lanes(),
    )


# What one truck or another lacks: part and changes, or None for the whole part.
FLAWS: tuple[dict[str, Any], ...] = (
    {"truck": None},
    {"carrier": None},
    {"carrier": {"state": "suspended"}},
    {"carrier": {"tier": None}},
    {"truck_credential": None},
    {"truck_credential": {"state": "revoked"}},
    {"truck_credential": {"valid_until": NOW}},
    {"truck_credential": {"tag_epc": "OTHER"}},
    {"presented": ()},
    {"presented": (Presented("truck", "t-11", TAG, "ABC123", "TX", ("signature_invalid",)),)},
    {"seen": {"tag_epc": ""}},
    {"seen": {"plate_number": "OTHER"}},
    {"seen": {"plate_number": ""}},
    {"driver": None},
    {"driver": {"carrier_id": 2}},
    {"driver": {"fast_card_expires_at": None}},
    {"driver_credential": {"state": "suspended"}},
    {"trip": None},
    {"trip": {"state": "preliminary"}},
    {"trip": {"filed_at": NOW - 600}},
    {"trip": {"port": "2506"}},
    {"trip": {"estimated_arrival_at": NOW + 90_000}},
    {"trip": {"carrier_id": 2}},
    {"trip": {"plate_number": "OTHER"}},
    {"trip": {"crew": ()}},
    {"trip": {"shipments": ()}},
    {"trip": {"shipments": (ShipmentFacts("A", hs_codes=("080440",)),)}},
    {"trip": {"trailers": (TrailerFacts("trailer", "R1", "R1P", "TX", True, ()),)}},
    {"seen": {"seals": ("SEAL1", "SEAL2")}},
    {"seen": {"gross_weight_kg": 40_000}},
    {"seen": {"gross_weight_kg": None}},
    {"seen": {"observed_at": NOW - 4000}},
    {"seen": {"radiation_alarm": True}},
    {"seen": {"radiation_alarm": None}},
    {"bundle": BundleFacts(7, NOW - 1.0)},
    {"elsewhere": Elsewhere("x", 7, True, 60.0)},
    {"elsewhere": Elsewhere("x", 7, False, 3000.0)},
    {"qr_elsewhere": Elsewhere("x", 7, True, 60.0)},
    {"owed": (Owed("x", "NII-1", NOW + 60),)},
    {"owed": (Owed("x", "NII-1", NOW - 60),)},
    {"owed": (Owed("x", "NII-1", NOW - 60, NOW - 90),)},
    {"held": True},
    {"alerts": (AlertFacts("a", False),)},
    {"alerts": (AlertFacts("a", True),)},
    {"alerts_checked": False},
)


def flawed(facts: Facts, flaw: dict[str, Any]) -> Facts:
    """The truck with one thing changed; a change to a part that is not there changes nothing."""
    parts = {}
    for name, value in flaw.items():
        if not isinstance(value, dict):
            parts[name] = value
        elif getattr(facts, name) is not None:
            parts[name] = replace(getattr(facts, name), **value)
    return replace(facts, **parts)


def mixed(number: int, seed: int = 1) -> Iterator[tuple[Facts, float]]:
    """Trucks with their draws, as a port sees them: six of ten in order, others with some flaws."""
    chance = random.Random(seed)
    for _ in range(number):
        facts = trusted()
        if chance.random() > 0.6:
            for flaw in chance.sample(FLAWS, chance.randint(1, 3)):
                facts = flawed(facts, flaw)
        yield facts, chance.random()
