"""`POST /api/v1/arrivals/{id}/passages/`: what a truck does after its decision."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from lanes.models import Alarm, Passage
from tests.cast import TRIP, Cast, make_device
from tests.lanes.conftest import Gate
from trustedtruck.core.fields import instant
from trustedtruck.core.ids import uuid7
from trustedtruck.manifests.models import Trip

Decide = Callable[[], int]


@pytest.fixture
def arrived(cast: Cast, gate: Gate, decide_now: Decide) -> str:
    """The passages' address of a truck that was decided fast."""
    location = gate.arrive(cast.arrival(), "respond-async")["Location"]
    decide_now()
    return f"{location}passages/"


def passage(point: str, lane: str | None = None, **changes: Any) -> dict[str, Any]:
    body = {"event_id": str(uuid7()), "point": point, "at": instant(timezone.now())}
    return body | ({"lane": lane} if lane else {}) | changes


def test_a_passage_is_recorded_once(gate: Gate, arrived: str) -> None:
    body = passage("lane", "01")
    first, again = gate.post(arrived, body), gate.post(arrived, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Passage.objects.count() == 1
    assert not Alarm.objects.exists()


def test_the_same_event_with_another_body_is_a_conflict(gate: Gate, arrived: str) -> None:
    body = passage("lane", "01")
    gate.post(arrived, body)
    response = gate.post(arrived, body | {"lane": "02"})
    assert (response.status_code, response.json()["code"]) == (409, "event_id_reused")


def test_fast_without_a_fast_decision_is_an_alarm(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    location = gate.arrive(cast.arrival(seals=["OTHER"]), "respond-async")["Location"]
    decide_now()
    assert gate.post(f"{location}passages/", passage("lane", "01")).status_code == 201
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.data["decided"]) == ("fast_without_decision", "inspection")


def test_inspected_in_spite_of_a_fast_decision_is_no_alarm(gate: Gate, arrived: str) -> None:
    assert gate.post(arrived, passage("lane", "03")).status_code == 201
    assert not Alarm.objects.exists()


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        (passage("lane"), "lane", "required"),
        (passage("lane", "99"), "lane", "unknown_lane"),
        (passage("roof"), "point", "invalid_choice"),
        (passage("exit", at="now"), "at", "not_an_instant"),
    ],
)
def test_a_wrong_passage_is_refused(
    gate: Gate, arrived: str, body: dict[str, Any], field: str, code: str
) -> None:
    response = gate.post(arrived, body)
    assert response.status_code == 400
    assert [(e["field"], e["code"]) for e in response.json()["errors"]] == [(field, code)]


def test_an_unknown_arrival_has_no_passages(gate: Gate) -> None:
    response = gate.post(f"/api/v1/arrivals/{uuid7()}/passages/", passage("exit"))
    assert (response.status_code, response.json()["code"]) == (404, "arrival_unknown")


def test_a_manifest_carries_no_second_truck_through(
    cast: Cast, gate: Gate, arrived: str, decide_now: Decide
) -> None:
    gate.post(arrived, passage("exit"))
    assert Trip.objects.get(trip_number=TRIP).state == "arrived"
    location = gate.arrive(cast.arrival(), "respond-async")["Location"]
    decide_now()
    assert [r["code"] for r in gate.get(location).json()["reasons"]] == ["manifest_missing"]


def test_the_same_tag_at_two_gates_is_a_clone(
    cast: Cast, gate: Gate, arrived: str, decide_now: Decide
) -> None:
    _device, key = make_device(code="gate-2")
    other = Gate(key)
    location = other.arrive(cast.arrival(), "respond-async")["Location"]
    decide_now()
    codes = [r["code"] for r in other.get(location).json()["reasons"]]
    assert codes == ["tag_at_two_gates", "qr_at_two_gates"]
