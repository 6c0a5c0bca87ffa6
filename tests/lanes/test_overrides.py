"""Officers against a decision: one toward inspection, two toward fast, never with bad papers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from lanes.models import Alarm, Assignment, Lane, Override
from lanes.queries import open_requests, overrides_of
from lanes.services.overrides import approve_fast, override_to_inspection, request_fast
from tests.cast import PORT, TESTER, Cast, make_port
from tests.lanes.conftest import Gate
from tests.people import log_in, make_member
from trustedtruck.audit.actors import Actor, system
from trustedtruck.audit.models import Event
from trustedtruck.carriers.models.members import MemberRole
from trustedtruck.core.errors import DomainError
from trustedtruck.core.fields import instant
from trustedtruck.core.ids import uuid7
from trustedtruck.credentials import services as credentials
from trustedtruck.credentials.states import Reason

Decide = Callable[[], int]
ALICE, BOB = Actor("user", "1", "Alice"), Actor("user", "2", "Bob")


def refused(job: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as error, transaction.atomic():
        job()
    return error.value.code


class Truck:
    """One arrival with its decision, as the gate and the officers see it."""

    def __init__(self, gate: Gate, decide_now: Decide, body: dict[str, Any]) -> None:
        self.gate = gate
        self.location = gate.arrive(body, "respond-async")["Location"]
        decide_now()
        self.id = Assignment.objects.get(arrival__event_id=body["event_id"]).arrival_id

    def seen(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.gate.get(self.location).json()
        return answer

    def to_inspection(self, by: Actor = ALICE, reason: str = "Nervous driver.") -> Override:
        return override_to_inspection(
            arrival_id=self.id, port_code=PORT, reason=reason, by=by, at=timezone.now()
        )

    def to_fast(self, by: Actor = ALICE, at: datetime | None = None) -> Override:
        return request_fast(
            arrival_id=self.id,
            port_code=PORT,
            reason="Plate read wrongly: seen by eye.",
            by=by,
            at=at or timezone.now(),
        )

    def pass_lane(self, code: str) -> None:
        body = {"event_id": str(uuid7()), "point": "lane", "lane": code}
        body["at"] = instant(timezone.now()) or ""
        assert self.gate.post(f"{self.location}passages/", body).status_code == 201

    def leave(self) -> None:
        body = {"event_id": str(uuid7()), "point": "exit", "at": instant(timezone.now())}
        assert self.gate.post(f"{self.location}passages/", body).status_code == 201


@pytest.fixture
def fast(cast: Cast, gate: Gate, decide_now: Decide) -> Truck:
    truck = Truck(gate, decide_now, cast.arrival())
    assert truck.seen()["route"] == "fast"
    return truck


@pytest.fixture
def inspected(cast: Cast, gate: Gate, decide_now: Decide) -> Truck:
    wrong = {"number": "MISREAD1", "jurisdiction": "TX"}
    truck = Truck(gate, decide_now, cast.arrival(plate=wrong))
    assert truck.seen()["route"] == "inspection"
    return truck


def approved(truck: Truck) -> Override:
    return approve_fast(override=truck.to_fast(ALICE), by=BOB, at=timezone.now())


def test_one_officer_sends_a_truck_to_inspection(fast: Truck) -> None:
    fast.to_inspection()
    answer = fast.seen()
    assert answer["route"] == "inspection"
    assert [r["code"] for r in answer["reasons"]] == ["overridden_to_inspection"]
    assert answer["lane"]["name"].startswith("inspection")
    assert answer["override"]["decided_route"] == "fast"
    assert [r["code"] for r in answer["override"]["decided_reasons"]] == ["trusted"]
    assert answer["override"]["reason"] == "Nervous driver."
    made = Assignment.objects.get()
    assert (made.route, made.reasons) == ("fast", ["trusted"])
    event = Event.objects.get(action="arrival.overridden")
    assert (event.subject_id, event.actor_id, event.data["route"]) == (
        str(fast.id),
        "1",
        "inspection",
    )


def test_two_officers_let_a_truck_into_the_fast_lane(inspected: Truck) -> None:
    request = inspected.to_fast(ALICE)
    assert inspected.seen()["route"] == "inspection"
    assert inspected.seen()["override"] is None
    assert [r.pk for r in open_requests(PORT)] == [request.pk]
    approve_fast(override=request, by=BOB, at=timezone.now())
    answer = inspected.seen()
    assert (answer["route"], answer["lane"]["code"]) == ("fast", "01")
    assert [r["code"] for r in answer["reasons"]] == ["overridden_to_fast"]
    assert open_requests(PORT) == []
    assert [e.actor_id for e in Event.objects.filter(action__startswith="arrival.overr")] == [
        "1",
        "2",
    ]


def test_the_carrier_sees_overrides_as_such(inspected: Truck) -> None:
    approved(inspected)
    inspected.to_inspection(BOB)
    mine = overrides_of([inspected.id])[inspected.id]
    assert [(o.route, o.reason) for o in mine] == [
        ("fast", "Plate read wrongly: seen by eye."),
        ("inspection", "Nervous driver."),
    ]


def test_the_carrier_reads_of_overrides_on_its_pages(cast: Cast, inspected: Truck) -> None:
    """That officers put themselves above the decision, but not their words: these may warn it."""
    member = make_member("Marta", cast.norte, MemberRole.ADMINISTRATOR)
    browser = log_in(member.user)
    page = f"/portal/crossings/{inspected.id}/"
    inspected.to_fast(ALICE)
    assert "a second one has not agreed" in browser.get(page).content.decode()
    approve_fast(override=open_requests(PORT)[0], by=BOB, at=timezone.now())
    assert "Two officers let the truck into the fast lane." in browser.get(page).content.decode()
    inspected.to_inspection(BOB)
    shown = browser.get(page).content.decode()
    assert "An officer sent the truck to inspection." in shown
    assert "Nervous driver." not in shown
    assert "Then it was sent to inspection." in browser.get("/portal/crossings/").content.decode()


def test_the_last_override_counts(inspected: Truck) -> None:
    approved(inspected)
    inspected.to_inspection()
    assert inspected.seen()["route"] == "inspection"


def test_a_truck_goes_back_to_its_first_lane_only_while_that_is_open(
    fast: Truck, inspected: Truck
) -> None:
    for truck, back in ((fast, approved), (inspected, Truck.to_inspection)):
        first = truck.seen()["lane"]["code"]
        (Truck.to_inspection if truck is fast else approved)(truck)
        Lane.objects.filter(port=PORT, code=first).update(state="closed")
        route = truck.seen()["override"]["decided_route"]
        back(truck)
        assert truck.seen()["route"] == route
        assert truck.seen()["lane"]["code"] != first
        assert truck.seen()["lane"]["name"].startswith(route)


def test_a_truck_goes_back_to_its_first_lane(fast: Truck) -> None:
    first = fast.seen()["lane"]
    fast.to_inspection()
    approved(fast)
    assert fast.seen()["lane"] == first


def test_own_request(inspected: Truck) -> None:
    request = inspected.to_fast(ALICE)
    assert refused(lambda: approve_fast(override=request, by=ALICE, at=timezone.now())) == (
        "own_request"
    )
    now = timezone.now()
    with pytest.raises(IntegrityError, match="override_needs_two_people"), transaction.atomic():
        Override.objects.filter(pk=request.pk).update(
            approved_by=str(ALICE), approved_at=now, effective_at=now
        )


def test_request_expired(inspected: Truck) -> None:
    request = inspected.to_fast(ALICE, at=timezone.now() - timedelta(minutes=31))
    assert refused(lambda: approve_fast(override=request, by=BOB, at=timezone.now())) == (
        "request_expired"
    )
    earlier = timezone.now() - timedelta(minutes=20)
    with pytest.raises(IntegrityError, match="expired"), transaction.atomic():
        Override.objects.filter(pk=request.pk).update(
            approved_by=str(BOB), approved_at=earlier, effective_at=earlier
        )


def test_an_approval_ends_with_the_request(inspected: Truck) -> None:
    request = inspected.to_fast(ALICE, at=timezone.now() - timedelta(minutes=29, seconds=59))
    approve_fast(override=request, by=BOB, at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1.1)")
    assert inspected.seen()["route"] == "inspection"


def test_request_waits_already(inspected: Truck) -> None:
    inspected.to_fast(ALICE)
    assert refused(lambda: inspected.to_fast(BOB)) == "request_waits_already"
    inspected.to_inspection(BOB)
    inspected.to_fast(ALICE)
    assert Override.objects.filter(route="fast").count() == 2, "the first can be approved no more"


def test_override_in_force_already(inspected: Truck) -> None:
    override = approved(inspected)
    carol = Actor("user", "3")
    assert refused(lambda: approve_fast(override=override, by=carol, at=timezone.now())) == (
        "override_in_force_already"
    )


def test_inspection_ordered_since(inspected: Truck) -> None:
    request = inspected.to_fast(ALICE)
    inspected.to_inspection(Actor("user", "3"))
    assert refused(lambda: approve_fast(override=request, by=BOB, at=timezone.now())) == (
        "inspection_ordered_since"
    )


def test_fast_already(fast: Truck) -> None:
    assert refused(fast.to_fast) == "fast_already"


def test_person_needed(inspected: Truck) -> None:
    assert refused(lambda: inspected.to_fast(system("worker"))) == "person_needed"
    request = inspected.to_fast(ALICE)
    assert refused(lambda: approve_fast(override=request, by=TESTER, at=timezone.now())) == (
        "person_needed"
    )
    now = timezone.now()
    with pytest.raises(IntegrityError, match="is_by_people"), transaction.atomic():
        Override.objects.filter(pk=request.pk).update(
            approved_by="device:1", approved_at=now, effective_at=now
        )


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_reason_needed(fast: Truck, reason: str) -> None:
    assert refused(lambda: fast.to_inspection(reason=reason)) == "invalid"


def test_truck_left(fast: Truck) -> None:
    fast.leave()
    assert refused(fast.to_inspection) == "truck_left"


def test_not_decided_yet(cast: Cast, gate: Gate) -> None:
    answer = gate.arrive(cast.arrival(), "respond-async").json()
    assert (
        refused(
            lambda: override_to_inspection(
                arrival_id=answer["id"], port_code=PORT, reason="x", by=ALICE, at=timezone.now()
            )
        )
        == "not_decided_yet"
    )


def test_arrival_unknown(fast: Truck) -> None:
    make_port("2506")
    assert (
        refused(
            lambda: override_to_inspection(
                arrival_id=fast.id, port_code="2506", reason="x", by=ALICE, at=timezone.now()
            )
        )
        == "arrival_unknown"
    )


@pytest.mark.parametrize("whose", ["truck", "rosa"])
@pytest.mark.parametrize("change", ["suspend", "revoke"])
def test_credentials_not_good(cast: Cast, inspected: Truck, whose: str, change: str) -> None:
    request = inspected.to_fast(ALICE)
    _spoil(cast, whose, change)
    assert refused(inspected.to_fast) == "credentials_not_good"
    assert refused(lambda: approve_fast(override=request, by=BOB, at=timezone.now())) == (
        "credentials_not_good"
    )
    now = timezone.now()
    with pytest.raises(IntegrityError, match="good credentials"), transaction.atomic():
        Override.objects.filter(pk=request.pk).update(
            approved_by=str(BOB), approved_at=now, effective_at=now
        )
    with pytest.raises(IntegrityError, match="good credentials"), transaction.atomic():
        Override.objects.create(
            arrival_id=inspected.id,
            port_id=PORT,
            route="fast",
            reason="x",
            requested_by=str(ALICE),
            requested_at=now,
            expires_at=now + timedelta(minutes=5),
        )


def test_credentials_not_good_when_the_carrier_is_suspended(cast: Cast, inspected: Truck) -> None:
    credentials.sanction_carrier(
        carrier=cast.norte, by=TESTER, at=timezone.now(), reason=Reason.SECURITY_INCIDENT
    )
    assert refused(inspected.to_fast) == "credentials_not_good"


def test_credentials_not_good_for_a_truck_that_nobody_knows(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    stranger = Truck(gate, decide_now, cast.arrival(tag_epc=None, qr=None))
    assert refused(stranger.to_fast) == "credentials_not_good"


def test_a_revocation_after_the_second_signature_closes_the_fast_lane(
    cast: Cast, inspected: Truck
) -> None:
    approved(inspected)
    _spoil(cast, "truck", "revoke")
    assert inspected.seen()["route"] == "inspection"
    assert inspected.seen()["override"] is None
    inspected.pass_lane("01")
    assert Alarm.objects.get().kind == "fast_without_decision"


def test_a_truck_that_takes_the_fast_lane_after_its_override_is_no_alarm(inspected: Truck) -> None:
    approved(inspected)
    inspected.pass_lane("01")
    assert not Alarm.objects.exists()


def test_a_truck_that_takes_the_fast_lane_against_an_override_is_an_alarm(fast: Truck) -> None:
    fast.to_inspection()
    fast.pass_lane("01")
    assert Alarm.objects.get().data["decided"] == "inspection"


def test_an_override_is_never_edited_nor_deleted(fast: Truck) -> None:
    override = fast.to_inspection()
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        override.delete()
    with pytest.raises(IntegrityError, match="only approved, once"), transaction.atomic():
        Override.objects.update(reason="Another one.")


def _spoil(cast: Cast, whose: str, change: str) -> None:
    job = getattr(credentials, change)
    job(
        credential=cast.credentials[whose],
        by=TESTER,
        at=timezone.now(),
        reason=Reason.UNDER_INVESTIGATION if change == "suspend" else Reason.FRAUD,
    )
