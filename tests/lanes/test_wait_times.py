"""`GET /api/v1/wait-times/`: every figure recomputed by hand from the passages."""

import statistics
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lanes import queries
from lanes.models import Arrival, Assignment, Lane, Passage
from lanes.queries import port as kept
from tests.cast import PORT, Cast
from tests.lanes.conftest import Gate
from trustedtruck.core.fields import instant
from trustedtruck.core.ids import uuid7

Decide = Callable[[], int]


def asked(**query: str) -> Any:
    kept.forget()
    return Client().get("/api/v1/wait-times/", query)


def of_route(route: str) -> dict[str, Any]:
    (port,) = asked().json()["ports"]
    found: dict[str, Any] = next(one for one in port["routes"] if one["route"] == route)
    return found


def of_lane(code: str) -> dict[str, Any]:
    (port,) = asked().json()["ports"]
    found: dict[str, Any] = next(one for one in port["lanes"] if one["code"] == code)
    return found


class Trip:
    """A truck that came so many seconds ago; its later instants are seconds after that."""

    def __init__(self, gate: Gate, decide: Decide, body: dict[str, Any], ago: float) -> None:
        self.gate = gate
        self.began = timezone.now() - timedelta(seconds=ago)
        self.location = gate.arrive(body, "respond-async")["Location"]
        decide()

    def passes(self, point: str, after: float, lane: str | None = None) -> None:
        at = instant(self.began + timedelta(seconds=after))
        body = {"event_id": str(uuid7()), "point": point, "at": at}
        sent = self.gate.post(f"{self.location}passages/", body | ({"lane": lane} if lane else {}))
        assert sent.status_code == 201, sent.content


@pytest.fixture
def comes(cast: Cast, gate: Gate, decide_now: Decide) -> Callable[..., Trip]:
    def come(ago: float, **changes: Any) -> Trip:
        trip = Trip(gate, decide_now, cast.arrival(**changes), ago)
        trip.passes("approach", 0)
        return trip

    return come


def test_the_figures_are_those_of_the_passages(comes: Callable[..., Trip]) -> None:
    """FHWA: delay = mean - free flow, buffer = p95 - mean, index = buffer / mean."""
    chosen = [(90, 200), (150, 260), (120, 400), (30, 61), (45, 1000), (600, 900)]
    # No two alike, so that no percentile can be taken for its neighbour.
    waits = [wait + 10 * n for n in range(4) for wait, _crossing in chosen]
    crossings = [crossing + 10 * n for n in range(4) for _wait, crossing in chosen]
    for wait, crossing in zip(waits, crossings, strict=True):
        trip = comes(2000)
        trip.passes("lane", wait, "01")
        trip.passes("exit", crossing)
    found = of_route("fast")
    assert found["wait_seconds"]["trucks"] == found["crossing_seconds"]["trucks"] == 24
    assert found["wait_seconds"]["mean"] == pytest.approx(statistics.mean(waits), abs=0.06)
    mean, p95 = statistics.mean(crossings), percentile(crossings, 0.95)
    free_flow = percentile(crossings, 0.05)
    assert found["crossing_seconds"]["mean"] == pytest.approx(mean, abs=0.06)
    assert found["crossing_seconds"]["p95"] == pytest.approx(p95, abs=0.06)
    assert found["free_flow_seconds"] == pytest.approx(free_flow, abs=0.06)
    assert found["delay_seconds"] == pytest.approx(mean - free_flow, abs=0.06)
    assert found["buffer_seconds"] == pytest.approx(p95 - mean, abs=0.06)
    assert found["buffer_index"] == pytest.approx((p95 - mean) / mean, abs=0.001)
    assert of_lane("01")["wait_seconds"]["trucks"] == 24
    assert of_lane("02")["wait_seconds"] == {"trucks": 0, "mean": None, "p95": None}


def percentile(values: Sequence[float], share: float) -> float:
    """Between the two nearest ranks, by hand."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def test_fast_trucks_are_apart_from_the_others(comes: Callable[..., Trip]) -> None:
    comes(900).passes("lane", 60, "01")
    comes(900, seals=["OTHER"]).passes("lane", 600, "03")
    assert of_route("fast")["wait_seconds"] == {"trucks": 1, "mean": 60.0, "p95": 60.0}
    assert of_route("inspection")["wait_seconds"] == {"trucks": 1, "mean": 600.0, "p95": 600.0}


def test_a_truck_counts_by_the_lane_that_it_really_took(comes: Callable[..., Trip]) -> None:
    comes(900).passes("lane", 60, "03")
    assert of_route("fast")["wait_seconds"]["trucks"] == 0
    assert of_route("inspection")["wait_seconds"]["trucks"] == 1


def test_the_wait_ends_at_the_primary_booth(comes: Callable[..., Trip]) -> None:
    trip = comes(900)
    trip.passes("primary", 100)
    trip.passes("lane", 130, "01")
    assert of_route("fast")["wait_seconds"]["mean"] == 100.0


def test_without_an_approach_the_wait_begins_with_the_report(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    trip = Trip(gate, decide_now, cast.arrival(), 0)
    trip.passes("lane", 40, "01")
    assert of_route("fast")["wait_seconds"]["mean"] == pytest.approx(40, abs=2)


def test_an_hour_ago_is_over_and_few_crossings_are_no_free_flow(
    comes: Callable[..., Trip],
) -> None:
    old = comes(5000)
    old.passes("lane", 60, "01")
    old.passes("exit", 120)
    found = of_route("fast")
    assert found["wait_seconds"]["trucks"] == found["crossing_seconds"]["trucks"] == 0
    assert found["free_flow_seconds"] is found["delay_seconds"] is found["buffer_seconds"] is None


def test_the_booth_is_measured_from_trucks_that_were_waiting(comes: Callable[..., Trip]) -> None:
    """Six trucks were all there before the first was through: five gaps are service times."""
    trips = [comes(0) for _ in range(6)]
    gaps = [20, 30, 25, 45, 10]
    after = 5.0
    trips[0].passes("lane", after, "01")
    for trip, gap in zip(trips[1:], gaps, strict=True):
        after += gap
        trip.passes("lane", after + (trips[0].began - trip.began).total_seconds(), "01")
    kept.forget()
    measured = {one.code: one.service_seconds for one in queries.count_lanes(PORT)}
    assert measured["01"] == pytest.approx(statistics.mean(gaps), abs=0.01)
    assert measured["02"] == 27.0  # as set: nobody was measured there
    assert of_lane("01")["service_seconds"] == pytest.approx(statistics.mean(gaps), abs=0.06)


def test_a_truck_that_came_to_an_empty_lane_measures_nothing(cast: Cast) -> None:
    """A gap in the traffic is no slow booth, and neither is a booth that nobody sat in."""
    lane = Lane.objects.get(port=PORT, code="01")
    base = timezone.now() - timedelta(minutes=40)
    for n in range(8):
        # Every truck comes five minutes after the one before, and is through ten seconds later.
        passed(
            cast,
            lane,
            decided=base + timedelta(minutes=4 * n),
            at=base + timedelta(minutes=4 * n, seconds=10),
        )
    assert service("01") == 27.0
    lane = Lane.objects.get(port=PORT, code="02")
    for n in range(8):
        # All are there, but the booth opens only once in five minutes.
        passed(
            cast,
            lane,
            decided=base - timedelta(minutes=30),
            at=base + timedelta(minutes=5 * n, seconds=40),
        )
    assert service("02") == 27.0


def service(code: str) -> float:
    kept.forget()
    return {one.code: one.service_seconds for one in queries.count_lanes(PORT)}[code]


def passed(cast: Cast, lane: Lane, *, decided: datetime, at: datetime) -> None:
    arrival = Arrival.objects.create(
        id=uuid.uuid4(),
        port=cast.port,
        device=cast.device,
        event_id=str(uuid7()),
        body_sha256=b"x" * 32,
        received_at=decided,
        deadline_at=decided + timedelta(seconds=1),
        observed_at=decided,
        direction="northbound",
    )
    Assignment.objects.create(
        arrival=arrival,
        port=cast.port,
        route="inspection",
        lane=lane,
        reasons=["deadline_passed"],
        facts={},
        policy_version=1,
        decided_at=decided,
        decided_by="deadline",
    )
    Passage.objects.create(
        arrival=arrival,
        port=cast.port,
        device=cast.device,
        event_id=str(uuid7()),
        point="lane",
        lane=lane,
        at=at,
    )


def test_the_expected_wait_of_a_route_is_that_of_its_shortest_lane(
    comes: Callable[..., Trip],
) -> None:
    for _ in range(5):
        comes(0)
    found = of_route("fast")
    assert (found["open_lanes"], found["expected_wait_seconds"]) == (2, 54.0)
    Lane.objects.filter(port=PORT, route="fast").update(state="closed")
    assert (of_route("fast")["open_lanes"], of_route("fast")["expected_wait_seconds"]) == (0, None)


def test_everybody_may_ask_and_one_port_can_be_named(cast: Cast) -> None:
    answer = asked(port=PORT)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "public, max-age=15"
    assert [port["port"] for port in answer.json()["ports"]] == [PORT]


@pytest.mark.parametrize("port", ["9999", "", "２３０４"])
def test_an_unknown_port_is_said_to_be_so(cast: Cast, port: str) -> None:
    answer = asked(port=port)
    assert (answer.status_code, answer.json()["code"]) == (404, "port_unknown")
