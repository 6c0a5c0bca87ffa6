"""A lane that closes or changes while trucks are on their way to it."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from lanes import queries
from lanes.models import Alarm, Lane, Override, Policy, Redirection
from lanes.queries import port as kept
from lanes.rules.facts import LaneFacts
from lanes.services.assign import commit, propose
from lanes.services.lanes import LaneKind, change_lane, close_lane, open_lane
from lanes.services.overrides import override_to_inspection
from lanes.services.policies import approve_policy, draft_policy
from tests.cast import PORT, Cast
from tests.lanes.conftest import Gate
from trustedtruck.audit.actors import Actor
from trustedtruck.audit.models import Event
from trustedtruck.core.fields import instant
from trustedtruck.core.ids import uuid7

Decide = Callable[[], int]
OFFICER = Actor("user", "7", "Officer Seven")


class OnTheWay:
    """A truck that was sent to a lane and is not through."""

    def __init__(self, gate: Gate, decide: Decide, body: dict[str, Any]) -> None:
        self.gate = gate
        self.location = gate.arrive(body, "respond-async")["Location"]
        decide()

    @property
    def answer(self) -> dict[str, Any]:
        found: dict[str, Any] = self.gate.get(self.location).json()
        return found

    @property
    def goes(self) -> tuple[str, str]:
        return self.answer["route"], self.answer["lane"]["code"]

    def passes(self, lane: str) -> None:
        at = instant(timezone.now())
        body = {"event_id": str(uuid7()), "point": "lane", "lane": lane, "at": at}
        assert self.gate.post(f"{self.location}passages/", body).status_code == 201


@pytest.fixture
def fast(cast: Cast, gate: Gate, decide_now: Decide) -> OnTheWay:
    return OnTheWay(gate, decide_now, cast.arrival())


@pytest.fixture
def inspected(cast: Cast, gate: Gate, decide_now: Decide) -> OnTheWay:
    return OnTheWay(gate, decide_now, cast.arrival(seals=["OTHER"]))


def lane(code: str) -> Lane:
    return Lane.objects.get(port=PORT, code=code)


def shut(code: str) -> None:
    close_lane(lane=lane(code), by=OFFICER, at=timezone.now())


def turn(code: str, **changes: Any) -> None:
    it = lane(code)
    now = LaneKind(it.name, it.route, it.group, it.directions, it.load, it.service_seconds)
    kind = replace(now, **changes)
    change_lane(lane=it, kind=kind, reason="needed elsewhere", by=OFFICER, at=timezone.now())


def queues() -> dict[str, int]:
    return {one.code: one.queue for one in queries.count_lanes(PORT)}


def test_a_fast_truck_goes_to_the_other_fast_lane(fast: OnTheWay) -> None:
    assert fast.goes == ("fast", "01")
    shut("01")
    assert fast.goes == ("fast", "02")
    assert fast.answer["override"] is None
    assert Redirection.objects.get().redirected_by == str(OFFICER)
    assert Event.objects.filter(action="arrival.redirected").count() == 1


def test_it_stands_in_the_queue_of_its_new_lane(fast: OnTheWay) -> None:
    assert queues() == {"01": 1, "02": 0, "03": 0, "04": 0}
    shut("01")
    assert queues() == {"01": 0, "02": 1, "03": 0, "04": 0}


def test_the_last_fast_lane_closes_and_the_truck_is_inspected(fast: OnTheWay) -> None:
    shut("02")
    shut("01")
    assert fast.goes == ("inspection", "03")
    override = Override.objects.get()
    assert (override.route, override.requested_by) == ("inspection", str(OFFICER))


def test_an_inspected_truck_goes_to_the_other_lane(inspected: OnTheWay) -> None:
    shut("03")
    assert inspected.goes == ("inspection", "04")


def test_a_truck_to_be_inspected_keeps_the_last_lane(inspected: OnTheWay) -> None:
    """Better a closed lane, where an officer directs it, than none."""
    shut("04")
    shut("03")
    assert inspected.goes == ("inspection", "03")


def test_a_lane_that_becomes_fast_lets_nobody_through_who_was_to_be_inspected(
    inspected: OnTheWay,
) -> None:
    turn("03", route="fast")
    assert inspected.goes == ("inspection", "04")
    inspected.passes("03")
    assert Alarm.objects.get().kind == "fast_without_decision"


def test_a_lane_that_becomes_inspection_loses_its_fast_trucks(fast: OnTheWay) -> None:
    turn("01", route="inspection")
    assert fast.goes == ("fast", "02")
    fast.passes("02")
    assert not Alarm.objects.exists()


def test_a_change_that_still_fits_moves_nobody(fast: OnTheWay) -> None:
    turn("01", load="laden")
    assert fast.goes == ("fast", "01")
    turn("01", load="empty")
    assert fast.goes == ("fast", "02")


def test_a_truck_that_is_through_is_left_alone(fast: OnTheWay) -> None:
    fast.passes("01")
    shut("01")
    assert fast.goes == ("fast", "01")


def test_an_override_takes_the_place_of_a_redirection(cast: Cast, fast: OnTheWay) -> None:
    shut("01")
    override_to_inspection(
        arrival_id=fast.answer["id"],
        port_code=PORT,
        reason="a leak",
        by=OFFICER,
        at=timezone.now(),
    )
    assert fast.goes == ("inspection", "03")


def test_the_first_in_line_choose_first(cast: Cast, gate: Gate, decide_now: Decide) -> None:
    trucks = [OnTheWay(gate, decide_now, cast.arrival(seals=[f"S{n}"])) for n in range(6)]
    assert queues() == {"01": 0, "02": 0, "03": 3, "04": 3}
    open_extra = Lane.objects.create(
        port=cast.port,
        code="05",
        name="inspection 5",
        route="inspection",
        state="closed",
        directions=["northbound"],
        service_seconds=75,
    )
    open_lane(lane=open_extra, by=OFFICER, at=timezone.now())
    shut("03")
    assert queues() == {"01": 0, "02": 0, "03": 0, "04": 3, "05": 3}
    assert [truck.goes[1] for truck in trucks] == ["05", "04", "05", "04", "05", "04"]


@pytest.mark.parametrize(
    ("code", "seals", "change"),
    [
        ("01", None, {"state": "closed"}),
        ("01", None, {"route": "inspection"}),
        ("01", None, {"load": "empty"}),
        ("01", None, {"directions": ["southbound"]}),
        ("03", ["OTHER"], {"state": "closed"}),
        ("03", ["OTHER"], {"route": "fast"}),
        ("03", ["OTHER"], {"group": "west"}),
    ],
    ids=str,
)
def test_a_lane_that_changes_between_decision_and_commit_is_doubt(
    cast: Cast, gate: Gate, code: str, seals: list[str] | None, change: dict[str, Any]
) -> None:
    gate.arrive(cast.arrival(**({"seals": seals} if seals else {})), "respond-async")
    (claimed,) = queries.claim(PORT, limit=1, lease_ms=5000)
    facts = queries.gather_facts([claimed])[claimed.id]
    facts = replace(facts, lanes=queries.lanes_of(PORT))
    proposal = propose(claimed.id, facts, queries.policy_in_force(PORT), b"seed")
    assert proposal.decision.lane_id == lane(code).pk
    Lane.objects.filter(port=PORT, code=code).update(**change)
    assert commit([proposal]) == {claimed.id: "doubt"}


def test_doubt_reads_the_lanes_anew(
    cast: Cast, gate: Gate, decide_now: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "KEPT_SECONDS", 60.0)
    kept.policy_in_force(PORT)
    Lane.objects.filter(port=PORT, code="03").update(state="closed")
    location = gate.arrive(cast.arrival(seals=["OTHER"]), "respond-async")["Location"]
    decide_now()
    assert gate.get(location).json()["state"] == "waiting"
    decide_now()
    assert gate.get(location).json()["lane"]["code"] == "04"


def test_fast_trucks_are_counted_apart_and_go_ahead_by_policy(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    """Four trucks to inspect stand in the only lane; the third fast one has two of its own there
    before it, and the truck at the booth."""
    now = timezone.now()
    body = Policy.objects.get(port=PORT, version=1).body | {"lane_policy": "priority"}
    draft = draft_policy(port=cast.port, body=body, by=Actor("user", "1"), at=now)
    approve_policy(policy=draft, by=Actor("user", "2"), at=now)
    Lane.objects.filter(port=PORT).exclude(code="03").update(state="closed")
    kept.forget()
    for n in range(4):
        OnTheWay(gate, decide_now, cast.arrival(seals=[f"S{n}"]))
    for _ in range(2):
        assert OnTheWay(gate, decide_now, cast.arrival()).goes == ("fast", "03")

    def line(lanes: Iterable[LaneFacts]) -> tuple[int, int | None]:
        (found,) = (one for one in lanes if one.code == "03")
        return found.queue, found.fast_queue

    assert line(queries.count_lanes(PORT)) == line(queries.lanes_of(PORT)) == (6, 2)
    waits = gate.get(f"/api/v1/wait-times/?port={PORT}").json()["ports"][0]["routes"]
    expected = {found["route"]: found["expected_wait_seconds"] for found in waits}
    assert expected == {"fast": 3 * 75.0, "inspection": 6 * 75.0}


@pytest.mark.parametrize(
    ("lane_policy", "code", "seals", "closed"),
    [("open", "01", ["OTHER"], ["03", "04"]), ("priority", "03", None, ["01", "02"])],
)
def test_a_lane_of_the_other_route_by_policy_is_no_alarm(
    cast: Cast,
    gate: Gate,
    decide_now: Decide,
    lane_policy: str,
    code: str,
    seals: list[str] | None,
    closed: list[str],
) -> None:
    """What the policy sends to a lane of the other route passes there as it was decided."""
    now = timezone.now()
    body = Policy.objects.get(port=PORT, version=1).body | {"lane_policy": lane_policy}
    draft = draft_policy(port=cast.port, body=body, by=Actor("user", "1"), at=now)
    approve_policy(policy=draft, by=Actor("user", "2"), at=now)
    Lane.objects.filter(port=PORT, code__in=closed).update(state="closed")
    kept.forget()
    truck = OnTheWay(gate, decide_now, cast.arrival(**({"seals": seals} if seals else {})))
    assert truck.goes == ("inspection" if seals else "fast", code)
    truck.passes(code)
    assert not Alarm.objects.exists()
