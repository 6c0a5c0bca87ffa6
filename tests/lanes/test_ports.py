"""Lanes opened and closed, policies by two people."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from lanes.models import Assignment, Lane, Policy
from lanes.queries import port as kept
from lanes.rules.policy import Policy as Rules
from lanes.services.ports import approve_policy, draft_policy, set_lane_state
from tests.cast import TESTER, Cast
from tests.lanes.conftest import Gate
from trustedtruck.audit.actors import Actor
from trustedtruck.audit.models import Event
from trustedtruck.core.errors import Refused

Decide = Callable[[], int]
ALICE, BOB = Actor("user", "1", "Alice"), Actor("user", "2", "Bob")


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


def test_a_policy_takes_effect_at_its_instant(cast: Cast, gate: Gate, decide_now: Decide) -> None:
    draft = draft_policy(port=cast.port, rules=Rules(0, sampling_by_tier={"3": 1.0}), by=ALICE)
    approve_policy(policy=draft, by=BOB, effective_from=timezone.now() + timedelta(hours=1))
    assert kept.policy_in_force(cast.port.code).version == 1
    now = draft_policy(
        port=cast.port,
        rules=Rules(0, sampling_by_tier={"3": 1.0}, fast_filing_minutes=0.0),
        by=ALICE,
    )
    approve_policy(policy=now, by=BOB, effective_from=timezone.now())
    gate.arrive(cast.arrival(), "respond-async")
    decide_now()
    made = Assignment.objects.get()
    assert (made.policy_version, made.reasons) == (3, ["drawn_at_random"])


def test_nobody_approves_their_own_policy(cast: Cast) -> None:
    draft = draft_policy(port=cast.port, rules=Rules(0), by=ALICE)
    with pytest.raises(Refused) as refused:
        approve_policy(policy=draft, by=ALICE, effective_from=timezone.now())
    assert refused.value.code == "own_policy"
    with pytest.raises(IntegrityError, match="policy_needs_two_people"), transaction.atomic():
        Policy.objects.filter(pk=draft.pk).update(
            approved_by=str(ALICE), effective_from=timezone.now()
        )


def test_a_policy_is_approved_once(cast: Cast) -> None:
    draft = draft_policy(port=cast.port, rules=Rules(0), by=ALICE)
    approve_policy(policy=draft, by=BOB, effective_from=timezone.now())
    with pytest.raises(Refused) as refused:
        approve_policy(policy=draft, by=BOB, effective_from=timezone.now())
    assert refused.value.code == "policy_approved_already"


def test_a_port_without_a_policy_inspects_every_truck(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    Policy.objects.all().delete()
    location = gate.arrive(cast.arrival(), "respond-async")["Location"]
    decide_now()
    assert gate.get(location).json()["route"] == "inspection"
