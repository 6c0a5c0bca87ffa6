"""Past arrivals in the archive: moved whole, read as before, never a second truck."""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from lanes.models import ArchivedArrival, Arrival, Assignment, Lane, Passage
from lanes.queries.archive import archived
from lanes.services import archive
from lanes.services.lanes import close_lane
from tests.cast import PORT, TESTER, Cast, make_device, make_port
from tests.lanes.conftest import Gate
from tests.people import log_in, make_member, make_officer
from trustedtruck.accounts.roles import Role, Scope
from trustedtruck.accounts.services import issue_key
from trustedtruck.audit import retention
from trustedtruck.audit.models import Event
from trustedtruck.core.fields import instant

OLD = timezone.now() - dt.timedelta(days=3000)
MONTH = f"{OLD:%Y-%m}"


@pytest.fixture(autouse=True)
def no_tables(transactional_db: None) -> Iterator[None]:
    """The months' tables are no model's: what a test made goes with it."""
    yield
    with connection.cursor() as cursor:
        for month in archive.months():
            cursor.execute(f"DROP TABLE {archive.Month(month).table}")


@pytest.fixture
def past(cast: Cast, gate: Gate, decide_now: Callable[[], int]) -> dict[str, Any]:
    """A truck that went through the fast lane eight years ago: its report, and the answer."""
    body = cast.arrival()
    answer = gate.arrive(body, "respond-async")
    decide_now()
    decided = gate.get(answer["Location"]).json()
    assert decided["route"] == "fast"
    passed = {"event_id": "p1", "point": "lane", "lane": decided["lane"]["code"]}
    passed["at"] = instant(timezone.now())
    assert gate.post(f"{answer['Location']}passages/", passed).status_code == 201
    age()
    return {"body": body | {"observed_at": instant(OLD)}, **decided}


def age() -> None:
    """Everything that there is happened eight years ago, and is purged as it would be by now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE lanes_arrival SET received_at = %s, deadline_at = %s, observed_at = %s",
            [OLD, OLD + dt.timedelta(seconds=2), OLD],
        )
        cursor.execute("UPDATE lanes_assignment SET decided_at = %s", [OLD])
        cursor.execute("UPDATE lanes_passage SET at = %s, received_at = %s", [OLD, OLD])
    retention.purge(by=TESTER, at=timezone.now())


def move() -> int:
    return archive.archive_due(by=TESTER, at=timezone.now())


def test_a_past_arrival_moves_whole(past: dict[str, Any]) -> None:
    arrival, assignment = Arrival.objects.get(), Assignment.objects.get()
    passage = Passage.objects.get()
    assert move() == 1
    assert not any(model.objects.exists() for model in (Arrival, Assignment, Passage))
    found = archived(arrival.pk)
    assert found is not None
    for was, is_now in (
        (arrival, found.arrival),
        (assignment, found.assignment),
        (passage, found.passages[0]),
    ):
        for field in was._meta.concrete_fields:
            before, after = getattr(was, field.attname), getattr(is_now, field.attname)
            assert (bytes(before) if field.name == "body_sha256" else before) == after, field
    event = Event.objects.get(action="arrivals.archived")
    assert (event.subject_id, event.data["count"]) == (MONTH, 1)
    assert move() == 0


def test_nothing_moves_before_who_drove_is_purged(past: dict[str, Any]) -> None:
    Assignment.objects.update(facts={"rules": "1"})
    assert move() == 0
    assert Arrival.objects.exists()


def test_nothing_moves_before_its_time(past: dict[str, Any], settings: Any) -> None:
    settings.ARCHIVE_AFTER_MONTHS = 120
    assert move() == 0
    settings.ARCHIVE_AFTER_MONTHS = 0
    assert move() == 0
    with pytest.raises(CommandError, match="ARCHIVE_AFTER_MONTHS is 0"):
        call_command("archive")


def test_what_others_name_stays(cast: Cast, gate: Gate, decide_now: Callable[[], int]) -> None:
    """An inspected truck has its file of the inspection, which is kept beside it."""
    gate.arrive(cast.arrival(tag_epc=None), "respond-async")
    decide_now()
    age()
    assert Assignment.objects.get().route == "inspection"
    assert move() == 0
    assert Arrival.objects.exists()


def test_every_foreign_key_to_an_arrival_keeps_it_or_moves_along(db: None) -> None:
    """A table that will name arrivals one day is looked at from then on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
            " AND confrelid IN ('lanes_arrival'::regclass, 'lanes_assignment'::regclass)"
        )
        naming = {row[0] for row in cursor.fetchall()}
    asked = set(re.findall(r"FROM (\w+) x", archive._blockers()))
    assert asked == naming - {model._meta.db_table for model in archive.MOVED}
    assert {"lanes_waiting", "lanes_journalentry", "inspections_inspection"} <= asked


def test_a_copy_that_differs_moves_nothing(
    past: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The month's table and the copied rows go back with it."""
    without = archive._LIVING.replace("assignment, passages", "passages")
    monkeypatch.setattr(archive, "_LIVING", without)
    with pytest.raises(RuntimeError, match="not what was copied"):
        move()
    assert Arrival.objects.count() == Assignment.objects.count() == Passage.objects.count() == 1
    assert not ArchivedArrival.objects.exists()
    assert archive.months() == {}


def test_a_crash_before_the_end_loses_nothing(
    past: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(archive, "_record", crash)
    with pytest.raises(KeyboardInterrupt):
        move()
    assert Arrival.objects.count() == Assignment.objects.count() == Passage.objects.count() == 1
    monkeypatch.undo()
    assert move() == 1


def test_the_same_event_years_later_is_no_second_truck(past: dict[str, Any], gate: Gate) -> None:
    """No report is taken that is older than a gate's journal may be."""
    move()
    again = gate.arrive(past["body"])
    assert again.status_code == 400
    assert [error["code"] for error in again.json()["errors"]] == ["clock_behind"]
    assert not Arrival.objects.exists()


def test_officers_see_the_past_as_before(past: dict[str, Any], cast: Cast) -> None:
    browser = log_in(make_officer("Ofelia", Role.SUPERVISOR, ports=[PORT]))
    pages = (
        f"/console/trucks/{cast.truck.public_id}/",
        f"/console/ports/{PORT}/arrivals/{past['id']}/",
    )
    before = [browser.get(page) for page in pages]
    assert [page.status_code for page in before] == [200, 200]
    move()
    after = [browser.get(page) for page in pages]
    assert [page.status_code for page in after] == [200, 200]
    assert past["id"] in after[0].content.decode()
    known = after[1].context["dossier"]
    assert known.route_in_force == "fast"
    assert [passage.point for passage in known.passages] == ["lane"]


def test_a_carrier_sees_its_past_as_before(past: dict[str, Any], cast: Cast) -> None:
    browser = log_in(make_member("Marta", cast.norte, "administrator").user)
    one = f"/portal/crossings/{past['id']}/"
    before = browser.get(one)
    assert before.status_code == 200
    move()
    assert past["id"] in browser.get("/portal/crossings/").content.decode()
    assert past["id"] in browser.get("/portal/crossings/?route=fast").content.decode()
    assert past["id"] not in browser.get("/portal/crossings/?route=inspection").content.decode()
    after = browser.get(one)
    assert after.status_code == 200
    assert after.context["now_route"] == before.context["now_route"]
    assert [p.point for p in after.context["passages"]] == ["lane"]
    stranger = log_in(make_member("Saul", cast.sur, "administrator").user)
    assert stranger.get(one).status_code == 404


@pytest.fixture
def redirected(cast: Cast, gate: Gate, decide_now: Callable[[], int]) -> str:
    """Where a gate asks for a truck of eight years ago whose first lane had closed."""
    location = str(gate.arrive(cast.arrival(), "respond-async")["Location"])
    decide_now()
    close_lane(lane=Lane.objects.get(port=PORT, code="01"), by=TESTER, at=timezone.now())
    age()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE lanes_redirection SET redirected_at = %s", [OLD])
    return location


def test_a_gate_is_answered_as_before(redirected: str, gate: Gate) -> None:
    before = gate.get(redirected)
    assert (before.json()["route"], before.json()["lane"]["code"]) == ("fast", "02")
    assert move() == 1
    after = gate.get(redirected)
    assert (after.status_code, after.json()) == (200, before.json())
    elsewhere = Gate(make_device(make_port("2305").code, "west 1")[1])
    assert elsewhere.get(redirected).status_code == 404


def test_people_see_where_a_past_truck_was_sent_to(redirected: str, cast: Cast) -> None:
    arrival_id = redirected.split("/")[-2]
    officer = log_in(make_officer("Ofelia", Role.SUPERVISOR, ports=[PORT]))
    member = log_in(make_member("Marta", cast.norte, "administrator").user)
    assert move() == 1
    seen = officer.get(f"/console/ports/{PORT}/arrivals/{arrival_id}/").context["dossier"]
    assert seen.lane_in_force.code == "02"
    now = member.get(f"/portal/crossings/{arrival_id}/").context["now"]
    assert now.lane.code == "02"
    assert [step.redirection.from_lane.code for step in now.steps] == ["01"]


def test_a_carriers_systems_read_its_past_as_before(
    past: dict[str, Any], cast: Cast, gate: Gate, decide_now: Callable[[], int]
) -> None:
    """Page by page from the oldest on, whether it has moved or not."""
    other = gate.arrive(cast.arrival(), "respond-async")["Location"]
    decide_now()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE lanes_assignment SET decided_at = decided_at - interval '1 minute'"
            " WHERE arrival_id <> %s",
            [past["id"]],
        )
    key = issue_key(
        scopes=[Scope.CROSSINGS_READ], by=TESTER, at=timezone.now(), carrier_id=cast.norte.pk
    )
    client = Client(headers={"Authorization": f"Bearer {key}"})

    def pages() -> list[dict[str, Any]]:
        found, after = [], ""
        for _page in range(2):
            page = client.get("/api/v1/crossings/", {"after": after, "limit": "1"}).json()
            found.append(page)
            after = page["next"]
        return found

    before = pages()
    ids = [item["id"] for page in before for item in page["items"]]
    assert ids == [past["id"], other.split("/")[-2]]
    assert [one["point"] for one in before[0]["items"][0]["passages"]] == ["lane"]
    assert move() == 1
    assert pages() == before


def test_a_replay_of_a_moved_day_counts_what_it_counted(
    cast: Cast, gate: Gate, past: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE lanes_assignment SET route = 'inspection', reasons = '{deadline_passed}',"
            " decided_by = 'deadline', lane_id = NULL"
        )

    def replayed() -> dict[str, Any]:
        day = OLD.date()
        call_command("replay", f"--from={day}", f"--to={day + dt.timedelta(days=1)}", "--json")
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    before = replayed()
    assert before["closed_without_rules"] == 1
    move()
    assert replayed() == before


def test_a_month_is_taken_out_and_put_in_again(
    past: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    move()
    call_command("archive", detach=MONTH)
    assert not ArchivedArrival.objects.exists()
    assert archive.months() == {MONTH: "out"}
    with pytest.raises(CommandError, match="is not in the archive"):
        call_command("archive", detach=MONTH)
    call_command("archive", attach=MONTH)
    assert ArchivedArrival.objects.count() == 1
    call_command("archive", list=True)
    assert f"{MONTH}  in" in capsys.readouterr().out
    for wrong in ("2020-13", "2020-03; DROP TABLE lanes_arrival"):
        with pytest.raises(CommandError, match="is no month"):
            call_command("archive", detach=wrong)


def test_what_is_due_late_waits_for_its_month(past: dict[str, Any]) -> None:
    """A month that was taken out is not begun a second time."""
    move()
    call_command("archive", detach=MONTH)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO lanes_arrival SELECT (jsonb_populate_record(NULL::lanes_arrival, arrival"
            f' || \'{{"event_id": "late"}}\')).* FROM {archive.Month(MONTH).table}'
        )
        cursor.execute(
            "INSERT INTO lanes_assignment SELECT (jsonb_populate_record(NULL::lanes_assignment,"
            f" assignment)).* FROM {archive.Month(MONTH).table}"
        )
    with pytest.raises(archive.NoSuchMonth, match="attach it first"):
        move()
    assert Arrival.objects.count() == 1
