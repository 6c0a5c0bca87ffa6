"""The committing statement: what it refuses, and that a revocation always wins."""

import json
import os
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from lanes import queries
from lanes.models import Arrival, Assignment, Port, Waiting
from lanes.services import assign
from tests.cast import PORT, TESTER, Cast
from tests.lanes.conftest import Gate
from trustedtruck.credentials import services as credentials
from trustedtruck.credentials.models import Credential

Decide = Callable[[], int]


def proposals(count: int = 64) -> list[assign.Proposal]:
    """Claim and decide, but do not commit: a worker that was held up."""
    claimed = queries.claim(PORT, limit=count, lease_ms=400)
    gathered = queries.gather_facts(claimed)
    policy = queries.policy_in_force(PORT)
    made = []
    for arrival in claimed:
        facts = gathered[arrival.id]
        facts = type(facts)(
            **{n: getattr(facts, n) for n in facts.__slots__} | {"lanes": queries.lanes_of(PORT)}
        )
        made.append(assign.propose(arrival.id, facts, policy, None))
    return made


def test_a_revocation_between_decision_and_commit_is_doubt(cast: Cast, gate: Gate) -> None:
    gate.arrive(cast.arrival(), "respond-async")
    (held,) = proposals()
    assert held.decision.route == "fast"
    credentials.revoke(
        credential=cast.credentials["truck"], by=TESTER, at=timezone.now(), reason="lost"
    )
    assert list(assign.commit([held]).values()) == ["doubt"]
    assert not Assignment.objects.exists()


@pytest.mark.parametrize("who", ["truck", "rosa"])
def test_a_suspension_between_decision_and_commit_is_doubt(
    cast: Cast, gate: Gate, who: str
) -> None:
    gate.arrive(cast.arrival(), "respond-async")
    held = proposals()
    credentials.suspend(
        credential=cast.credentials[who], by=TESTER, at=timezone.now(), reason="lost"
    )
    assert list(assign.commit(held).values()) == ["doubt"]


def test_a_sanction_between_decision_and_commit_is_doubt(cast: Cast, gate: Gate) -> None:
    gate.arrive(cast.arrival(), "respond-async")
    held = proposals()
    credentials.sanction_carrier(
        carrier=cast.norte, by=TESTER, at=timezone.now(), reason="security_incident"
    )
    assert list(assign.commit(held).values()) == ["doubt"]


def test_a_doubt_is_decided_again_and_inspected(cast: Cast, gate: Gate, decide_now: Decide) -> None:
    location = gate.arrive(cast.arrival(), "respond-async")["Location"]
    credentials.revoke(
        credential=cast.credentials["truck"], by=TESTER, at=timezone.now(), reason="lost"
    )
    decide_now()
    reasons = [r["code"] for r in gate.get(location).json()["reasons"]]
    assert "truck_credential_invalid" in reasons


def test_fast_after_the_deadline_is_late(cast: Cast, gate: Gate) -> None:
    Port.objects.update(deadline_ms=100)
    gate.arrive(cast.arrival(), "respond-async")
    held = proposals()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.15)")
    assert list(assign.commit(held).values()) == ["late"]


def test_who_comes_second_changes_nothing(cast: Cast, gate: Gate) -> None:
    gate.arrive(cast.arrival(), "respond-async")
    held = proposals()
    assert list(assign.commit(held).values()) == ["assigned"]
    assert list(assign.commit(held).values()) == ["already"]
    assert Assignment.objects.count() == 1


def test_the_database_refuses_fast_without_a_credential(cast: Cast, gate: Gate) -> None:
    gate.arrive(cast.arrival(), "respond-async")
    arrival = Arrival.objects.get()
    with (
        pytest.raises(IntegrityError, match="assignment_fast_stands_on_a_credential"),
        transaction.atomic(),
    ):
        Assignment.objects.create(
            arrival=arrival,
            port=cast.port,
            route="fast",
            reasons=["trusted"],
            facts={},
            policy_version=1,
            decided_at=timezone.now(),
            decided_by="deadline",
        )


def test_an_arrival_that_fails_three_times_is_inspected(
    cast: Cast, gate: Gate, decide_now: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_arguments: Any) -> None:
        raise ValueError("a rule that breaks")

    monkeypatch.setattr(assign, "propose", fails)
    Port.objects.update(deadline_ms=60_000)
    location = gate.arrive(cast.arrival(), "respond-async")["Location"]
    for _attempt in range(4):
        Waiting.objects.update(claimed_until=None)
        decide_now()
    answer = gate.get(location).json()
    assert [r["code"] for r in answer["reasons"]] == ["gave_up"]


def test_a_dead_workers_claim_ends_by_itself(cast: Cast, gate: Gate, decide_now: Decide) -> None:
    Port.objects.update(deadline_ms=60_000)
    gate.arrive(cast.arrival(), "respond-async")
    assert len(queries.claim(PORT, limit=64, lease_ms=50)) == 1
    assert decide_now() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.06)")
    assert decide_now() == 1


def test_no_truck_is_fast_after_a_committed_revocation(cast: Cast, gate: Gate) -> None:
    """Raced: trucks are decided while the credential is revoked and issued anew.

    RACES=5000 in the environment makes a long one of it.
    """
    rounds = max(2, int(os.environ.get("RACES", "240")) // 4)
    Port.objects.update(deadline_ms=60_000)
    stop = threading.Event()

    def decide() -> None:
        while not stop.is_set():
            assign.assign_waiting(port_code=PORT, limit=4, lease_ms=400)
        connections.close_all()

    workers = [threading.Thread(target=decide) for _n in range(2)]
    for worker in workers:
        worker.start()
    revoked_at: dict[int, Any] = {}
    current = cast.credentials["truck"]
    try:
        for round_ in range(rounds):
            for _truck in range(4):
                gate.arrive(cast.arrival(qr=current.qr), "respond-async")
            if round_ % 2:
                credentials.revoke(credential=current, by=TESTER, at=timezone.now(), reason="lost")
                with connection.cursor() as cursor:
                    cursor.execute("SELECT clock_timestamp()")
                    revoked_at[current.pk] = cursor.fetchone()[0]
                (current,) = credentials.issue_credentials(
                    [cast.truck], by=TESTER, at=timezone.now()
                )
        while Waiting.objects.exists():
            pass
    finally:
        stop.set()
        for worker in workers:
            worker.join()
    assert Assignment.objects.count() == 4 * rounds
    fast = Assignment.objects.filter(route="fast")
    assert fast.count() > 20, json.dumps(list(Assignment.objects.values_list("reasons", flat=True)))
    for made in fast:
        assert made.truck_credential_id is not None
        ended = revoked_at.get(made.truck_credential_id)
        assert ended is None or made.decided_at < ended
    assert Credential.objects.filter(state="revoked").count() == rounds // 2
