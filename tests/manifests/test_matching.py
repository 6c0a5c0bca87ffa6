"""What arrived against what was filed."""

import json
from dataclasses import replace
from typing import Any

import pytest

from trustedtruck.manifests.facts import (
    CertificateFacts,
    CrewFacts,
    SealFacts,
    ShipmentFacts,
    TrailerFacts,
    TripFacts,
)
from trustedtruck.manifests.matching import Arrived, match

HOUR = 3600.0
TRIP = TripFacts(
    id=1,
    trip_number="NRTE0001",
    carrier_id=1,
    scac="NRTE",
    port="2304",
    state="filed",
    purpose="complete",
    found_by="trip_number",
    changed_at=0.0,
    filed_at=0.0,
    plate_number="ABC1234",
    plate_jurisdiction="TX",
    tag_epc="341800004000000000000001",
    gross_weight_kg=24_000,
    cargo_weight_kg=8_000,
    laden=True,
    trailers=(TrailerFacts("trailer", "R1", "T1", "TX", True, (SealFacts("S1", "H"),)),),
    seals=(SealFacts("S1", "H"),),
    crew=(CrewFacts("driver", "01234567890123", 7, "driver-7"),),
    shipments=(ShipmentFacts("NRTE1234", hs_codes=("080440",)),),
    certificates=(CertificateFacts("c", "MX-1", "issued", "NRTE1234", True, "agency"),),
)
ARRIVED = Arrived(
    arrived_at=2 * HOUR,
    port="2304",
    tag_epc="341800004000000000000001",
    plate_number="ABC1234",
    plate_jurisdiction="TX",
    trailer_plate="T1",
    seals=("S1",),
    driver_public_id="driver-7",
    gross_weight_kg=24_500,
)


def test_all_agree() -> None:
    result = match(ARRIVED, TRIP, certificates_for=("08",))

    assert result.all_agree
    assert result.disagrees == result.unknown == ()
    assert json.dumps(result.as_json())


def test_no_trip_is_no_pass() -> None:
    result = match(ARRIVED, None)
    assert not result.found
    assert not result.all_agree


@pytest.mark.parametrize(
    ("seen", "name"),
    [
        ({"port": "2501"}, "port"),
        ({"arrived_at": 0.4 * HOUR}, "deadline"),
        ({"plate_number": "XYZ9"}, "plate"),
        ({"plate_jurisdiction": "TAM"}, "plate"),
        ({"tag_epc": "341800004000000000000002"}, "tag"),
        ({"trailer_plate": "T9"}, "trailer"),
        ({"seals": ()}, "seals"),
        ({"seals": ("S1", "S2")}, "seals"),
        ({"seals": ("S9",)}, "seals"),
        ({"driver_public_id": "driver-8"}, "driver"),
        ({"gross_weight_kg": 30_000}, "weight"),
        ({"gross_weight_kg": 15_000}, "weight"),
    ],
)
def test_what_disagrees_is_named(seen: dict[str, Any], name: str) -> None:
    assert match(replace(ARRIVED, **seen), TRIP).disagrees == (name,)


@pytest.mark.parametrize(
    ("filed", "name"),
    [
        ({"state": "preliminary"}, "state"),
        ({"state": "cancelled"}, "state"),
        ({"seals": (SealFacts("S1", "I"),)}, "seal_grade"),
        ({"trailers": (TrailerFacts("trailer", "R1", "T1", "TX", True),)}, "seal_grade"),
        ({"certificates": ()}, "certificates"),
        (
            {
                "certificates": (
                    CertificateFacts("c", "MX-1", "issued", "NRTE1234", True, "", ("weight",)),
                )
            },
            "certificates",
        ),
        (
            {"certificates": (CertificateFacts("c", "MX-1", "withdrawn", "NRTE1234", True),)},
            "certificates",
        ),
    ],
)
def test_what_was_filed_wrongly_is_named(filed: dict[str, Any], name: str) -> None:
    assert match(ARRIVED, replace(TRIP, **filed), certificates_for=("08",)).disagrees == (name,)


@pytest.mark.parametrize(
    ("seen", "name"),
    [
        ({"plate_number": ""}, "plate"),
        ({"tag_epc": ""}, "tag"),
        ({"seals": None}, "seals"),
        ({"driver_public_id": ""}, "driver"),
        ({"gross_weight_kg": None}, "weight"),
    ],
)
def test_what_cannot_be_compared_is_no_pass(seen: dict[str, Any], name: str) -> None:
    result = match(replace(ARRIVED, **seen), TRIP)
    assert result.unknown == (name,)
    assert not result.all_agree


def test_an_ungraded_seal_is_not_known_to_be_good() -> None:
    assert match(ARRIVED, replace(TRIP, seals=(SealFacts("S1"),))).unknown == ("seal_grade",)


def test_the_deadline_is_longer_outside_of_fast() -> None:
    at = replace(ARRIVED, arrived_at=0.75 * HOUR)
    assert match(at, TRIP, fast=True)["deadline"].agrees is True
    assert match(at, TRIP, fast=False)["deadline"].agrees is False
    assert match(at, replace(TRIP, filed_at=None))["deadline"].agrees is None


def test_an_empty_truck_needs_no_seal() -> None:
    empty = replace(TRIP, laden=False, seals=(), trailers=(), shipments=(), certificates=())
    assert match(replace(ARRIVED, seals=None, trailer_plate=""), empty).all_agree
