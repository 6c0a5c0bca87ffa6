"""A truck that is sent to inspection: referred, ordered, missed, held, released."""

import uuid
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from lanes.inspections.look_for import hint_of
from lanes.inspections.models import Inspection, Station
from lanes.models import Alarm, Assignment, OwedExam
from lanes.queries.decisions import stored_decisions
from lanes.queries.replay import compare, reproduce
from lanes.reasons import TEXTS
from lanes.rules import RULES, Facts
from lanes.rules.sampling import SAMPLING
from tests.cast import PORT
from tests.inspections.conftest import Yard
from tests.lanes.conftest import in_threads
from trustedtruck.audit.models import Event

PAGE = f"/console/ports/{PORT}/inspections/"


def test_a_referral_opens_with_its_assignment_and_says_what_to_look_for(yard: Yard) -> None:
    inspection = yard.referred()
    assert (inspection.state, inspection.basis) == ("referred", "targeted")
    assert inspection.reasons == ["radiation_alarm"]
    assert Event.objects.filter(action="inspection.opened", subject_id=inspection.pk).exists()
    page = yard.browser("ines").get(f"{PAGE}{inspection.pk}/").content.decode()
    assert "Measure again with a handheld" in page
    assert TEXTS["radiation_alarm"] in yard.browser("ines").get(PAGE).content.decode()


def test_the_watch_opens_what_the_assignment_could_not(yard: Yard) -> None:
    """A truck gets its lane even where its inspection cannot be opened at that moment."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE inspections_inspection RENAME TO away")
        arrival = yard.staff.truck(radiation_alarm=True)
        cursor.execute("ALTER TABLE away RENAME TO inspections_inspection")
    assert _decided(arrival).route == "inspection"
    assert not Inspection.objects.exists()
    assert yard.watch()["opened"] == 1
    assert yard.watch()["opened"] == 0
    assert Inspection.objects.get().basis == "targeted"


def test_a_fast_truck_has_no_inspection_until_an_officer_orders_one(yard: Yard) -> None:
    arrival = yard.staff.truck()
    assert not Inspection.objects.exists()
    path = f"/console/ports/{PORT}/arrivals/{arrival}/refer/"
    yard.browser("petra").post(path, {"reason": "The driver was nervous."})
    inspection = Inspection.objects.get()
    assert inspection.reasons == ["overridden_to_inspection"]
    assert inspection.basis == "targeted"


def test_draws_and_deadlines_are_told_apart_from_reasons(yard: Yard) -> None:
    """By the codes alone: every sampling rule draws, no other rule's code looks like one."""
    assert all(rule.code.startswith("drawn_") for rule in SAMPLING)
    assert not any(rule.code.startswith("drawn_") for rule in RULES)
    for reasons, basis in (
        (["drawn_at_random", "drawn_for_goods"], "random"),
        (["deadline_passed"], "other"),
        (["drawn_at_random", "seals_disagree"], "targeted"),
    ):
        arrival = yard.staff.truck(radiation_alarm=None)
        Inspection.objects.all().delete()
        row = _decided(arrival)
        Assignment.objects.filter(pk=uuid.UUID(arrival)).delete()
        row.reasons = reasons
        row.save(force_insert=True)
        assert Inspection.objects.get().basis == basis
        Inspection.objects.all().delete()


def test_every_reason_has_something_to_look_for() -> None:
    for code in TEXTS:
        assert str(hint_of(code).text)
        assert hint_of(code).station in Station.Kind.values
    assert str(hint_of("seals_disagree").text).startswith("View, verify")
    assert str(hint_of("driver_unknown").text).startswith("Compare the driver")


def test_who_does_not_appear_raises_an_alarm_and_is_not_fast_again(yard: Yard) -> None:
    inspection = yard.referred()
    yard.act("ines", inspection, "order", station="nii-1")
    assert yard.watch(minutes=19)["no_shows"] == 0
    assert yard.watch(minutes=21)["no_shows"] == 1
    assert yard.watch(minutes=22)["no_shows"] == 0, "one alarm for one order"
    alarm = Alarm.objects.get(kind="no_show")
    assert alarm.arrival_id == inspection.assignment_id
    OwedExam.objects.update(
        ordered_at=timezone.now() - timedelta(minutes=30),
        due_at=timezone.now() - timedelta(minutes=1),
    )
    again = _decided(yard.staff.truck())
    assert again.reasons == ["exam_owed", "exam_not_appeared"]
    assert reproduce(PORT, *_today()).differences == []


def test_whoever_owes_an_exam_is_not_fast_until_it_is_closed(yard: Yard) -> None:
    inspection = yard.at_station()
    assert _decided(yard.staff.truck()).reasons == ["exam_owed"]
    yard.act("ines", inspection, "release", note="Its papers were found.")
    assert _decided(yard.staff.truck()).route == "fast"


def test_the_driver_owes_the_exam_in_another_truck_too(yard: Yard) -> None:
    inspection = yard.referred()
    yard.act("ines", inspection, "order", station="nii-1")
    cast = yard.staff.cast
    other = yard.staff.truck(
        tag_epc=cast.other_truck.tag_epc,
        qr=cast.credentials["other_truck"].qr,
        plate={"number": cast.other_truck.plate_number, "jurisdiction": "TX"},
    )
    assert "exam_owed" in _decided(other).reasons


def test_an_excused_truck_owes_nothing(yard: Yard) -> None:
    inspection = yard.referred()
    yard.act("ines", inspection, "order", station="nii-1")
    answer = yard.act("ines", inspection, "excuse", note="")
    assert answer.status_code == 400
    yard.act("ines", inspection, "excuse", note="The portal broke down.")
    assert _decided(yard.staff.truck()).route == "fast"


def test_a_decision_of_before_exams_were_owed_replays_the_same(yard: Yard) -> None:
    """Facts without the new part mean that nothing was known of it then."""
    arrival = yard.staff.truck()
    stored = _decided(arrival)
    old = {k: v for k, v in stored.facts.items() if k != "owed"} | {"rules": "before"}
    Assignment.objects.filter(pk=uuid.UUID(arrival)).update(facts=old)
    assert Facts.from_json(old).owed == ()
    assert reproduce(PORT, *_today()).differences == []
    assert [compare(s, None) is None for s in stored_decisions(PORT, *_today())] == [False]


def test_a_passage_at_the_exam_is_an_appearance(yard: Yard) -> None:
    inspection = yard.referred()
    yard.act("ines", inspection, "order", station="nii-1")
    body = {"event_id": "e1", "point": "exam", "at": timezone.now().isoformat()}
    path = f"/api/v1/arrivals/{inspection.assignment_id}/passages/"
    assert yard.scanner.post(path, body).status_code == 201
    assert yard.watch(minutes=30)["appeared"] == 1, "seen before it was late"
    inspection.refresh_from_db()
    assert inspection.state == "at_station"
    assert not Alarm.objects.exists()


def test_a_truck_that_leaves_before_its_exam_is_an_alarm_at_once(yard: Yard) -> None:
    inspection = yard.referred()
    yard.act("ines", inspection, "order", station="nii-1")
    _exit(yard, inspection)
    assert yard.watch()["no_shows"] == 1


def test_a_truck_that_the_booth_let_go_has_left(yard: Yard) -> None:
    inspection = yard.referred()
    _exit(yard, inspection)
    assert yard.watch()["left"] == 1
    inspection.refresh_from_db()
    assert (inspection.state, inspection.result) == ("left", "")


def test_a_held_truck_that_is_excused_is_held_as_before(yard: Yard) -> None:
    """An order to a station and back is no way around a hold."""
    inspection = yard.referred()
    yard.act("ines", inspection, "hold", note="A smell of solvent.")
    yard.act("ines", inspection, "order", station="dock-1")
    yard.act("ivan", inspection, "excuse", note="The dock is needed.")
    inspection.refresh_from_db()
    assert (inspection.state, inspection.hold_reason) == ("held", "A smell of solvent.")
    assert not OwedExam.objects.filter(settled_at=None).exists()


def test_who_lets_an_unseen_truck_go_says_why(yard: Yard) -> None:
    inspection = yard.referred()
    refused = yard.act("ines", inspection, "release", note=" ")
    assert "Nobody has looked into this truck" in refused.content.decode()
    inspection.refresh_from_db()
    assert inspection.closed_at is None
    yard.act("ines", inspection, "release", note="The portal alarmed on bananas again.")
    inspection.refresh_from_db()
    assert (inspection.state, inspection.result) == ("released", "")
    event = Event.objects.get(action="inspection.released", subject_id=str(inspection.pk))
    assert event.data["note"] == "The portal alarmed on bananas again."


@pytest.mark.parametrize("state", ["held", "at_station"])
def test_a_truck_that_leaves_unreleased_is_an_alarm(yard: Yard, state: str) -> None:
    inspection = yard.at_station()
    if state == "held":
        yard.act("ines", inspection, "hold", note="A smell of solvent.")
    assert yard.watch()["unreleased"] == 0
    _exit(yard, inspection)
    assert yard.watch()["unreleased"] == 1
    assert yard.watch()["unreleased"] == 0, "one alarm"
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.arrival_id) == ("left_unreleased", inspection.assignment_id)
    inspection.refresh_from_db()
    assert inspection.state == state, "an officer ends it"


def test_a_truck_that_was_released_leaves_without_alarm(yard: Yard) -> None:
    inspection = yard.at_station()
    yard.act("ines", inspection, "release", note="Its papers were found.")
    _exit(yard, inspection)
    assert yard.watch()["unreleased"] == 0
    assert not Alarm.objects.exists()


def test_a_full_or_closed_station_takes_no_truck(yard: Yard) -> None:
    first, second = yard.referred(), yard.referred()
    yard.act("ines", first, "order", station="dock-1")
    answer = yard.act("ines", second, "order", station="dock-1")
    assert "This station has no free place." in answer.content.decode()
    client = yard.browser("simon")
    client.post(f"/console/ports/{PORT}/stations/nii-1/turn/", {"to": "closed"})
    answer = yard.act("ines", second, "order", station="nii-1")
    assert "This station is closed now." in answer.content.decode()
    second.refresh_from_db()
    assert second.state == "referred"


@pytest.mark.parametrize("action", ["seize", "return", "hold"])
def test_an_end_needs_its_reason(yard: Yard, action: str) -> None:
    inspection = yard.at_station()
    answer = yard.act("ines", inspection, action, note=" ")
    assert answer.status_code == 400
    assert "Write why" in answer.content.decode()


def test_a_held_truck_is_released_by_an_officer_only(yard: Yard) -> None:
    inspection = yard.referred()
    yard.act("ines", inspection, "hold", note="A smell of solvent.")
    assert yard.act("petra", inspection, "release", note="").status_code == 403
    yard.act("ivan", inspection, "release", note="Paint, declared.")
    inspection.refresh_from_db()
    assert (inspection.state, inspection.closed_by) == ("released", str(yard.user("ivan").actor))
    answer = yard.act("ivan", inspection, "release", note="")
    assert "is not possible from there" in answer.content.decode()


def test_two_officers_end_an_inspection_at_once_and_one_is_told(yard: Yard) -> None:
    inspection = yard.at_station()
    ends = [("ines", "release"), ("ivan", "return")]

    def end(n: int) -> int:
        officer, action = ends[n]
        return int(yard.act(officer, inspection, action, note="Done.").status_code)

    statuses = in_threads(2, end)
    assert sorted(statuses) == [200, 400]
    ended = ["inspection.released", "inspection.returned"]
    assert Event.objects.filter(action__in=ended, subject_id=inspection.pk).count() == 1


def test_nothing_can_be_seized_that_no_exam_found(yard: Yard) -> None:
    inspection = yard.at_station()
    answer = yard.act("ines", inspection, "seize", note="Because.")
    assert "Enter what is seized in an exam" in answer.content.decode()


def _exit(yard: Yard, inspection: Inspection) -> None:
    body = {"event_id": "x1", "point": "exit", "at": timezone.now().isoformat()}
    path = f"/api/v1/arrivals/{inspection.assignment_id}/passages/"
    assert yard.scanner.post(path, body).status_code == 201


def _decided(arrival: str) -> Assignment:
    return Assignment.objects.get(pk=uuid.UUID(arrival))


def _today() -> tuple[datetime, datetime]:
    now = timezone.now()
    return now - timedelta(hours=1), now + timedelta(hours=1)
