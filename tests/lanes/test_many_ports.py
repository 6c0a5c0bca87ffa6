"""Trucks of several ports in one batch: each is decided as its own port would have it."""

import pytest
from django.db import connection
from django.utils import timezone

from lanes import queries
from lanes.models import Policy, Port, Waiting
from lanes.services.assign import assign_waiting
from tests.cast import PORT, Cast, make_device, tag
from tests.lanes.conftest import Gate
from trustedtruck.core.fields import instant
from trustedtruck.core.ids import uuid7

OTHER = "2506"


@pytest.fixture
def other(cast: Cast) -> Gate:
    """The gate of a second port, which has no lanes and no policy yet."""
    Port.objects.create(code=OTHER, name="Otay Mesa", country="US", timezone="UTC")
    _device, key = make_device(OTHER, "gate-9")
    return Gate(key)


def stranger() -> dict[str, object]:
    """A truck that nobody enrolled, at the second port."""
    return {
        "event_id": str(uuid7()),
        "port": OTHER,
        "observed_at": instant(timezone.now()),
        "direction": "northbound",
        "tag_epc": tag(99),
        "plate": {"number": "ZZ00099", "jurisdiction": "TX"},
    }


def assign_all() -> int:
    return assign_waiting(port_code=None, limit=64, lease_ms=400)


def test_one_batch_takes_up_both_ports(cast: Cast, gate: Gate, other: Gate) -> None:
    here = gate.arrive(cast.arrival(), "respond-async")["Location"]
    there = other.arrive(stranger(), "respond-async")["Location"]
    assert assign_all() == 2
    assert gate.get(here).json()["route"] == "fast"
    elsewhere = other.get(there).json()
    assert (elsewhere["route"], elsewhere["policy_version"]) == ("inspection", 0)


def test_a_port_that_cannot_be_read_keeps_nobody_waiting_elsewhere(
    cast: Cast, gate: Gate, other: Gate
) -> None:
    at = timezone.now()
    Policy.objects.create(
        port_id=OTHER, version=1, body={"campaigns": "none"}, drafted_by="user:1", drafted_at=at,
        approved_by="user:2", approved_at=at, effective_from=at,
    )  # fmt: skip
    here = gate.arrive(cast.arrival(), "respond-async")["Location"]
    there = other.arrive(stranger(), "respond-async")["Location"]
    assert assign_all() == 2
    assert gate.get(here).json()["route"] == "fast"
    assert Waiting.objects.get().port_id == OTHER
    for _attempt in range(3):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE lanes_waiting SET claimed_until = NULL")
        assign_all()
    answer = other.get(there).json()
    assert (answer["route"], answer["reasons"][0]["code"]) == ("inspection", "gave_up")


def test_a_queue_at_one_port_keeps_nobody_waiting_at_another(
    cast: Cast, gate: Gate, other: Gate
) -> None:
    for _ in range(6):
        gate.arrive(cast.arrival(), "respond-async")
    other.arrive(stranger(), "respond-async")
    claimed = queries.claim(None, limit=4, lease_ms=400)
    assert [arrival.port for arrival in claimed].count(OTHER) == 1
    assert {arrival.port for arrival in queries.claim(PORT, limit=64, lease_ms=400)} == {PORT}
