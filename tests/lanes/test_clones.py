"""The same tag or QR code at two gates: both trucks are inspected, and an officer is told."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from lanes import queries
from lanes.models import Alarm, Arrival, Assignment, Override
from lanes.services import assign, clones
from lanes.services.assign import commit, propose
from lanes.services.clones import catch_up
from tests.cast import PORT, TESTER, Cast, make_device, make_port
from tests.lanes.conftest import Gate
from trustedtruck.audit.models import Event
from trustedtruck.core.fields import instant
from trustedtruck.core.ids import uuid7

Decide = Callable[[], int]


@pytest.fixture
def other_gate(cast: Cast) -> Gate:
    _device, key = make_device(code="gate-2")
    return Gate(key)


def sent(gate: Gate, body: dict[str, Any]) -> str:
    location: str = gate.arrive(body, "respond-async")["Location"]
    return location


def codes(gate: Gate, location: str) -> list[str]:
    return [reason["code"] for reason in gate.get(location).json()["reasons"]]


def test_the_truck_that_is_fast_already_is_sent_to_inspection_too(
    cast: Cast, gate: Gate, other_gate: Gate, decide_now: Decide
) -> None:
    first = sent(gate, cast.arrival())
    decide_now()
    assert gate.get(first).json()["route"] == "fast"
    second = sent(other_gate, cast.arrival())
    decide_now()
    assert codes(other_gate, second) == ["tag_at_two_gates", "qr_at_two_gates"]
    answer = gate.get(first).json()
    assert (answer["route"], codes(gate, first)) == ("inspection", ["overridden_to_inspection"])
    assert answer["override"]["decided_route"] == "fast"
    assert answer["lane"]["code"] in ("03", "04")
    assert Alarm.objects.filter(kind="clone").count() == 2
    override = Override.objects.get()
    assert override.requested_by == "system:worker"
    assert Event.objects.filter(action="arrival.overridden").count() == 1
    assert Event.objects.filter(action="alarm.raised").count() == 2


def test_both_are_inspected_when_they_are_decided_together(
    cast: Cast, gate: Gate, other_gate: Gate, decide_now: Decide
) -> None:
    first, second = sent(gate, cast.arrival()), sent(other_gate, cast.arrival())
    decide_now()
    for at, location in ((gate, first), (other_gate, second)):
        assert codes(at, location) == ["tag_at_two_gates", "qr_at_two_gates"]
    assert Alarm.objects.filter(kind="clone").count() == 2
    assert not Override.objects.exists()


def test_a_copied_qr_code_with_another_tag_is_noticed(
    cast: Cast, gate: Gate, other_gate: Gate, decide_now: Decide
) -> None:
    first = sent(gate, cast.arrival())
    decide_now()
    second = sent(other_gate, cast.arrival(tag_epc=cast.other_truck.tag_epc))
    decide_now()
    assert "qr_at_two_gates" in codes(other_gate, second)
    assert "tag_at_two_gates" not in codes(other_gate, second)
    assert gate.get(first).json()["route"] == "inspection"


def test_a_truck_at_another_port_within_the_hour_is_a_clone(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    make_port("2506")
    _device, key = make_device("2506", code="otay-1")
    far = Gate(key)
    first = sent(gate, cast.arrival())
    decide_now()
    second = sent(far, cast.arrival(port="2506"))
    assign.assign_waiting(port_code="2506", limit=64, lease_ms=400)
    assert "tag_at_two_gates" in codes(far, second)
    assert gate.get(first).json()["route"] == "inspection"
    assert set(Alarm.objects.values_list("port_id", flat=True)) == {PORT, "2506"}


def test_a_truck_that_has_left_is_only_an_alarm(
    cast: Cast, gate: Gate, other_gate: Gate, decide_now: Decide
) -> None:
    first = sent(gate, cast.arrival())
    decide_now()
    body = {"event_id": str(uuid7()), "point": "exit", "at": instant(timezone.now())}
    gate.post(f"{first}passages/", body)
    sent(other_gate, cast.arrival())
    decide_now()
    assert not Override.objects.exists()
    assert Alarm.objects.filter(kind="clone").count() == 2


def test_the_same_gate_again_is_no_clone(cast: Cast, gate: Gate, decide_now: Decide) -> None:
    sent(gate, cast.arrival())
    decide_now()
    again = sent(gate, cast.arrival())
    decide_now()
    assert codes(gate, again) == ["trusted"]
    assert not Alarm.objects.exists()


def test_a_clone_that_comes_between_decision_and_commit_is_doubt(
    cast: Cast, gate: Gate, other_gate: Gate
) -> None:
    """The worker has its facts already: the committing statement sees the newcomer."""
    sent(gate, cast.arrival())
    (claimed,) = queries.claim(PORT, limit=1, lease_ms=5000)
    facts = queries.gather_facts([claimed])[claimed.id]
    facts = replace(facts, lanes=queries.lanes_of(PORT))
    proposal = propose(claimed.id, facts, queries.policy_in_force(PORT), b"seed")
    assert proposal.decision.route == "fast"
    sent(other_gate, cast.arrival())
    assert commit([proposal]) == {claimed.id: "doubt"}
    assert not Assignment.objects.exists()


def test_what_a_dead_worker_left_is_settled_later(
    cast: Cast, gate: Gate, other_gate: Gate, decide_now: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = sent(gate, cast.arrival())
    decide_now()
    with monkeypatch.context() as patched:
        patched.setattr(clones, "settle_clone", _killed)
        sent(other_gate, cast.arrival())
        decide_now()
    assert gate.get(first).json()["route"] == "fast"
    assert catch_up(by=TESTER, at=timezone.now()) == 1
    assert gate.get(first).json()["route"] == "inspection"
    assert catch_up(by=TESTER, at=timezone.now()) == 0
    assert Alarm.objects.filter(kind="clone").count() == 2


def _killed(*, arrival_id: uuid.UUID, **_rest: Any) -> bool:
    raise SystemError(Arrival.objects.get(pk=arrival_id).event_id)
