"""Lanes opened and closed."""

from collections.abc import Callable

import pytest

from lanes.models import Lane
from lanes.queries import port as kept
from lanes.services.ports import set_lane_state
from tests.cast import TESTER, Cast
from tests.lanes.conftest import Gate
from trustedtruck.audit.models import Event

Decide = Callable[[], int]


def close_fast_lanes(cast: Cast) -> None:
    for lane in Lane.objects.filter(port=cast.port, route="fast"):
        set_lane_state(lane=lane, state="closed", by=TESTER)


def test_with_all_fast_lanes_closed_the_truck_is_inspected(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    close_fast_lanes(cast)
    location = gate.arrive(cast.arrival(), "respond-async")["Location"]
    decide_now()
    answer = gate.get(location).json()
    assert [r["code"] for r in answer["reasons"]] == ["no_fast_lane_open"]
    assert Event.objects.filter(action="lane.state_changed").count() == 2


def test_a_lane_closed_between_decision_and_commit_is_chosen_anew(
    cast: Cast, gate: Gate, decide_now: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker still remembers lane 01 as open; the committing statement looks again."""
    monkeypatch.setattr(kept, "KEPT_SECONDS", 60.0)
    kept.policy_in_force(cast.port.code)
    Lane.objects.filter(port=cast.port, code="01").update(state="closed")
    location = gate.arrive(cast.arrival(), "respond-async")["Location"]
    decide_now()
    assert gate.get(location).json()["state"] == "waiting"
    kept.forget()
    decide_now()
    assert gate.get(location).json()["lane"]["code"] == "02"
