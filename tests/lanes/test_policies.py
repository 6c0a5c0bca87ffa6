"""Policies: drafted by one, approved by another, in force from an instant, tried in shadow."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from lanes.models import Arrival, Assignment, Policy, Port, ShadowDifference, ShadowRun
from lanes.policy_texts import sentences
from lanes.queries import port as kept
from lanes.rules.policy import Campaign
from lanes.rules.policy import Policy as Rules
from lanes.services import shadow
from lanes.services.policies import approve_policy, draft_policy, withdraw_policy
from tests.cast import PORT, Cast, make_device
from tests.lanes.conftest import Gate
from trustedtruck.audit.actors import Actor
from trustedtruck.audit.models import Event
from trustedtruck.core.errors import Invalid, Refused

Decide = Callable[[], int]
ALICE, BOB = Actor("user", "1", "Alice"), Actor("user", "2", "Bob")
EVERY = {"1": 1.0, "2": 1.0, "3": 1.0}


def draft(port: Port, by: Actor = ALICE, **body: Any) -> Policy:
    usual = Rules(0, sampling_by_tier={"1": 0.0, "2": 0.0, "3": 0.0}, fast_filing_minutes=0.0)
    return draft_policy(port=port, body=usual.as_json() | body, by=by, at=timezone.now())


def code_of(job: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused, transaction.atomic():
        job()
    return refused.value.code


def run(*arguments: str) -> Any:
    out = io.StringIO()
    call_command(*arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def day() -> list[str]:
    now = timezone.now()
    start, end = now - timedelta(hours=1), now + timedelta(hours=1)
    return ["--from", start.isoformat(), "--to", end.isoformat()]


def test_a_policy_takes_effect_at_its_instant(cast: Cast, gate: Gate, decide_now: Decide) -> None:
    later = draft(cast.port, sampling_by_tier=EVERY)
    now = timezone.now()
    approve_policy(policy=later, by=BOB, at=now, effective_from=now + timedelta(hours=1))
    assert kept.policy_in_force(PORT).version == 1
    approve_policy(policy=draft(cast.port, sampling_by_tier=EVERY), by=BOB, at=timezone.now())
    gate.arrive(cast.arrival(), "respond-async")
    decide_now()
    made = Assignment.objects.get()
    assert (made.policy_version, made.reasons) == (3, ["drawn_at_random"])
    assert list(Event.objects.filter(action="policy.approved").values_list("actor_id", flat=True))[
        1:
    ] == ["2", "2"]


def test_the_deadline_is_that_of_the_policy(cast: Cast, gate: Gate) -> None:
    def given() -> timedelta:
        gate.arrive(cast.arrival(), "respond-async")
        newest = Arrival.objects.latest("received_at")
        return newest.deadline_at - newest.received_at

    assert given() == timedelta(milliseconds=cast.port.deadline_ms)
    policy = draft(cast.port, deadline_ms=2500)
    approve_policy(policy=policy, by=BOB, at=timezone.now())
    assert given() == timedelta(milliseconds=2500)


def test_a_draft_keeps_what_it_leaves_out_as_it_is_today(cast: Cast) -> None:
    policy = draft_policy(port=cast.port, body={}, by=ALICE, at=timezone.now())
    assert policy.body == Rules(0).as_json()


def test_own_policy(cast: Cast) -> None:
    mine = draft(cast.port)
    assert code_of(lambda: approve_policy(policy=mine, by=ALICE, at=timezone.now())) == "own_policy"
    now = timezone.now()
    with pytest.raises(IntegrityError, match="policy_needs_two_people"), transaction.atomic():
        Policy.objects.filter(pk=mine.pk).update(
            approved_by=str(ALICE), approved_at=now, effective_from=now
        )


def test_policy_approved_already(cast: Cast) -> None:
    policy = approve_policy(policy=draft(cast.port), by=BOB, at=timezone.now())
    assert code_of(lambda: approve_policy(policy=policy, by=BOB, at=timezone.now())) == (
        "policy_approved_already"
    )
    assert code_of(lambda: withdraw_policy(policy=policy, by=BOB, at=timezone.now())) == (
        "policy_approved_already"
    )


def test_policy_withdrawn(cast: Cast) -> None:
    policy = withdraw_policy(policy=draft(cast.port), by=ALICE, at=timezone.now())
    assert policy.state == "withdrawn"
    assert code_of(lambda: approve_policy(policy=policy, by=BOB, at=timezone.now())) == (
        "policy_withdrawn"
    )
    assert Event.objects.filter(action="policy.withdrawn").count() == 1


def test_effective_in_the_past(cast: Cast) -> None:
    now = timezone.now()
    policy = draft(cast.port)
    earlier = now - timedelta(seconds=1)
    assert (
        code_of(lambda: approve_policy(policy=policy, by=BOB, at=now, effective_from=earlier))
        == "effective_in_the_past"
    )
    with pytest.raises(IntegrityError, match="only_when_approved"), transaction.atomic():
        Policy.objects.filter(pk=policy.pk).update(
            approved_by=str(BOB), approved_at=now, effective_from=earlier
        )


@pytest.mark.parametrize(
    "change",
    [{"body": {}}, {"effective_from": "2030-01-01T00:00:00Z"}, {"approved_by": "user:9"}],
    ids=lambda change: next(iter(change)),
)
def test_an_approved_policy_never_changes(cast: Cast, change: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        Policy.objects.filter(port=cast.port, version=1).update(**change)


def test_a_draft_is_approved_as_it_was_drafted(cast: Cast) -> None:
    policy = draft(cast.port)
    with pytest.raises(IntegrityError, match="as it was drafted"), transaction.atomic():
        Policy.objects.filter(pk=policy.pk).update(body={})


def test_a_policy_is_never_deleted(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        Policy.objects.all().delete()


def test_a_port_without_a_policy_inspects_every_truck(cast: Cast, decide_now: Decide) -> None:
    from lanes.services.assign import assign_waiting

    Port.objects.create(code="2506", name="Otay Mesa", country="US", timezone="UTC")
    _device, key = make_device("2506", "gate-9")
    gate = Gate(key)
    location = gate.arrive(cast.arrival(port="2506"), "respond-async")["Location"]
    assign_waiting(port_code="2506", limit=1, lease_ms=400)
    answer = gate.get(location).json()
    assert (answer["route"], answer["policy_version"]) == ("inspection", 0)


def test_every_wrong_field_of_a_policy_is_named(cast: Cast) -> None:
    body = {
        "sampling_by_tier": {"1": 2, "4": 0.1},
        "sampling_by_commodity": {"7": 0.1, "77": 0.1},
        "sampling_by_record": {"clean": 0.1},
        "campaigns": [
            {
                "name": "",
                "rate": "often",
                "from": "tomorrow",
                "until": "2026-01-01T00:00:00Z",
                "tiers": [4],
                "chapters": "07",
                "carriers": ["N0RT"],
                "why": "because",
            },
            {"name": "a", "rate": 1, "from": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00Z"},
            {"name": "a", "rate": 1, "from": "2026-01-02T00:00:00Z"},
            "a campaign",
        ],
        "certificates_required": ["8", "08", "0804401", "77", "08", 7, "٠٨"],
        "late_report_s": -1,
        "weight_tolerance": True,
        "require_weight": "no",
        "lane_policy": "closed",
        "deadline_ms": 99,
        "sampling": 0.1,
    }
    with pytest.raises(Invalid) as invalid:
        draft_policy(port=cast.port, body=body, by=ALICE, at=timezone.now())
    assert {error.field: error.code for error in invalid.value.errors} == {
        "sampling": "unknown_field",
        "sampling_by_tier.1": "not_a_rate",
        "sampling_by_tier.2": "required",
        "sampling_by_tier.3": "required",
        "sampling_by_tier.4": "not_a_tier",
        "sampling_by_commodity.7": "not_a_chapter",
        "sampling_by_commodity.77": "not_a_chapter",
        "sampling_by_record": "record_not_whole",
        "campaigns.0.name": "not_a_name",
        "campaigns.0.rate": "not_a_rate",
        "campaigns.0.from": "not_an_instant",
        "campaigns.0.tiers.0": "not_a_tier",
        "campaigns.0.chapters": "not_a_list",
        "campaigns.0.carriers.0": "not_a_scac",
        "campaigns.0.why": "unknown_field",
        "campaigns.1.until": "period_is_empty",
        "campaigns.2.name": "name_twice",
        "campaigns.3": "not_an_object",
        "certificates_required.0": "not_a_prefix",
        "certificates_required.2": "not_a_prefix",
        "certificates_required.3": "not_a_prefix",
        "certificates_required.4": "prefix_twice",
        "certificates_required.5": "not_a_prefix",
        "certificates_required.6": "not_a_prefix",
        "late_report_s": "out_of_range",
        "weight_tolerance": "out_of_range",
        "require_weight": "not_a_switch",
        "lane_policy": "not_a_choice",
        "deadline_ms": "out_of_range",
    }
    assert all("%" not in str(error.text) for error in invalid.value.errors)


def test_a_difference_reads_as_sentences_in_both_languages() -> None:
    old = Rules(1, campaigns=(Campaign("Spring", 0.5, 0.0),))
    new = Rules(
        2,
        sampling_by_tier={"1": 0.2, "2": 0.05, "3": 0.02},
        sampling_by_commodity={"07": 0.3},
        certificates_required=(*Rules(1).certificates_required[1:], "4407"),
        campaigns=(Campaign("Limes", 0.25, 1_800_000_000.0, None, (), ("08",), ("NRTE",)),),
        weight_tolerance=0.1,
        require_radiation=False,
        lane_policy="priority",
        deadline_ms=2000,
    )
    english = sentences(old, new)
    assert english == [
        "Carriers of tier 1 are drawn at 20 % instead of 10 %.",
        "Trucks with goods of HS chapter 07 are drawn at 30 % instead of –.",
        "Goods of HS 06 no longer need a plant-health certificate.",
        "Goods of HS 4407 need a plant-health certificate.",
        "New campaign “Limes”: 25 % from 2027-01-15 08:00 UTC until –; tiers all; HS chapters 08;"
        " carriers NRTE.",
        "The campaign “Spring” is taken out.",
        "The scale may differ from the manifest by 10 % instead of 5 %.",
        "A truck is inspected when its decision takes more than 2000 ms instead of – ms (“–”: the"
        " port’s own time).",
        "The fast lanes are “priority” instead of “dedicated”.",
        "A reading of the radiation portal is no longer needed.",
    ]
    with translation.override("es"):
        spanish = sentences(old, new)
    assert not set(english) & set(spanish)
    assert sentences(old, old) == []


def test_a_draft_over_a_past_period_in_sum_and_truck_by_truck(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    first = gate.arrive(cast.arrival(), "respond-async").json()["id"]
    gate.arrive(cast.arrival(tag_epc=None, qr=None), "respond-async")
    decide_now()
    policy = draft(cast.port, sampling_by_tier=EVERY)
    found = run("shadow", "--policy", str(policy.version), *day())
    assert found["moves"] == {"fast to inspection": 1, "inspection to inspection": 1}
    assert [d["arrival"] for d in found["differences"]] == [first]
    assert found["differences"][0]["recomputed"]["reasons"] == ["drawn_at_random"]
    assert found["reasons_now"]["drawn_at_random"] == 1
    assert found["changes"][0].startswith("Carriers of tier 1 are drawn at 100 %")


def test_a_draft_beside_the_live_policy_keeps_only_differences(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    policy = draft(cast.port, sampling_by_tier=EVERY)
    begun = shadow.start_shadow(policy=policy, by=ALICE, at=timezone.now())
    first = gate.arrive(cast.arrival(), "respond-async").json()["id"]
    gate.arrive(cast.arrival(tag_epc=None, qr=None), "respond-async")
    decide_now()
    assert gate.get(f"/api/v1/arrivals/{first}/").json()["route"] == "fast"
    assert shadow.follow_shadow(run_id=begun.pk, at=timezone.now()) == 0
    soon = timezone.now() + shadow.SETTLED
    assert shadow.follow_shadow(run_id=begun.pk, at=soon) == 1
    assert shadow.follow_shadow(run_id=begun.pk, at=soon + timedelta(minutes=1)) == 0
    difference = ShadowDifference.objects.get()
    assert (str(difference.arrival_id), difference.route) == (first, "inspection")
    assert difference.reasons == ["drawn_at_random"]
    approve_policy(policy=policy, by=BOB, at=timezone.now())
    assert shadow.running() == []


def test_shadow_runs_already(cast: Cast) -> None:
    shadow.start_shadow(policy=draft(cast.port), by=ALICE, at=timezone.now())
    other = draft(cast.port)
    assert code_of(lambda: shadow.start_shadow(policy=other, by=ALICE, at=timezone.now())) == (
        "shadow_runs_already"
    )


def test_not_a_draft(cast: Cast) -> None:
    live = Policy.objects.get(version=1)
    assert code_of(lambda: shadow.start_shadow(policy=live, by=ALICE, at=timezone.now())) == (
        "not_a_draft"
    )


def test_shadow_stopped_already(cast: Cast) -> None:
    begun = shadow.start_shadow(policy=draft(cast.port), by=ALICE, at=timezone.now())
    shadow.stop_shadow(run=begun, by=BOB, at=timezone.now())
    assert ShadowRun.objects.get().stopped_by == "user:2"
    assert code_of(lambda: shadow.stop_shadow(run=begun, by=BOB, at=timezone.now())) == (
        "shadow_stopped_already"
    )


def test_replay_reproduces_what_was_decided(cast: Cast, gate: Gate, decide_now: Decide) -> None:
    gate.arrive(cast.arrival(), "respond-async")
    gate.arrive(cast.arrival(radiation_alarm=True, plate=None), "respond-async")
    decide_now()
    gate.arrive(cast.arrival())
    found = run("replay", *day())
    assert (found["decisions"], found["closed_without_rules"], found["same"]) == (3, 1, 2)
    assert found["differences"] == []


def test_replay_finds_a_decision_that_does_not_reproduce(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    bent = gate.arrive(cast.arrival(radiation_alarm=True), "respond-async").json()["id"]
    decide_now()
    Assignment.objects.filter(pk=bent).update(reasons=["drawn_at_random"])
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 decisions do not reproduce"):
        call_command("replay", *day(), "--json", stdout=out)
    (difference,) = json.loads(out.getvalue())["differences"]
    assert difference["arrival"] == bent
    assert difference["stored"]["reasons"] == ["drawn_at_random"]
    assert difference["recomputed"]["reasons"] == ["radiation_alarm"]
    assert difference["same_rules"] is True


def test_replay_finds_a_close_that_is_not_inspection(cast: Cast, gate: Gate) -> None:
    gate.arrive(cast.arrival())
    Assignment.objects.update(reasons=["trusted"])
    with pytest.raises(CommandError, match="do not reproduce"):
        call_command("replay", *day(), stdout=io.StringIO())


def test_replay_under_another_policy_is_no_failure(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    gate.arrive(cast.arrival(), "respond-async")
    decide_now()
    policy = draft(cast.port, sampling_by_tier=EVERY)
    found = run("replay", *day(), "--policy", str(policy.version))
    assert found["same"] == 1
    assert found["under_policy"]["moves"] == {"fast to inspection": 1}


def test_replay_refuses_a_period_that_ends_before_it_begins(cast: Cast) -> None:
    with pytest.raises(CommandError, match="must come after"):
        call_command("replay", "--from", "2026-01-02", "--to", "2026-01-01")
