"""Facts of a truck that has everything in order, for tests that spoil one thing at a time."""

from dataclasses import replace
from typing import Any

from lanes.rules import Decision, Facts, Policy, decide
from lanes.rules.facts import (
    CarrierFacts,
    CredentialFacts,
    DriverFacts,
    LaneFacts,
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
NO_DRAW = 0.999


def lane(number: int, route: str, **changes: Any) -> LaneFacts:
    both = ("northbound", "southbound")
    usual = LaneFacts(number, f"{number:02d}", route, "", True, both, "any", 0, 30.0)
    return replace(usual, **changes)


LANES = (lane(1, "fast"), lane(2, "fast"), lane(3, "inspection"), lane(4, "inspection"))

TRUSTED_FACTS = Facts(
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
    presented=(
        Presented("truck", "t-11", TAG, "ABC123", "TX"),
        Presented("driver", "d-12"),
    ),
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
        trailers=(TrailerFacts("trailer", "R1", "R1P", "TX", True, (SealFacts("SEAL1", "H"),)),),
        seals=(SealFacts("SEAL1", "H"),),
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
    lanes=LANES,
)


def with_(facts: Facts = TRUSTED_FACTS, **parts: Any) -> Facts:
    """Facts with parts changed: a dict changes fields inside a part, anything else replaces."""
    return replace(
        facts,
        **{
            name: replace(getattr(facts, name), **value) if isinstance(value, dict) else value
            for name, value in parts.items()
        },
    )


def judged(facts: Facts, draw: float | None = NO_DRAW) -> Decision:
    return decide(facts, POLICY, draw)
