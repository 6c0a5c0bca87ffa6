"""`POST /api/v1/arrivals/`: what a gate sends and what it is told."""

import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from lanes.models import Arrival, Assignment, Port, Refusal, Waiting
from tests.cast import Cast, make_device, make_port, tag
from tests.lanes.conftest import Gate, in_threads
from trustedtruck.accounts.models import MachineKey
from trustedtruck.accounts.services import revoke_device, revoke_key
from trustedtruck.audit.models import Event
from trustedtruck.core.fields import instant

Decide = Callable[[], int]


def codes(problem: dict[str, Any]) -> dict[str, str]:
    return {error["field"]: error["code"] for error in problem["errors"]}


@pytest.mark.usefixtures("worker")
def test_a_trusted_truck_goes_to_the_fast_lane(cast: Cast, gate: Gate) -> None:
    response = gate.arrive(cast.arrival())
    answer = response.json()
    assert response.status_code == 201, answer
    assert answer["state"] == "assigned"
    assert answer["route"] == "fast", answer["reasons"]
    assert answer["lane"] == {"code": "01", "name": "fast 1"}
    assert [r["code"] for r in answer["reasons"]] == ["trusted"]
    assert answer["policy_version"] == 1
    assert response["Location"] == f"/api/v1/arrivals/{answer['id']}/"


@pytest.mark.usefixtures("worker")
def test_an_unknown_truck_goes_to_inspection_with_every_reason(cast: Cast, gate: Gate) -> None:
    body = cast.arrival(tag_epc=tag(999), qr=None, driver_card=None)
    answer = gate.arrive(body).json()
    assert answer["route"] == "inspection"
    reasons = [r["code"] for r in answer["reasons"]]
    assert reasons[:2] == ["truck_unknown", "carrier_not_certified"]
    assert "driver_unknown" in reasons


@pytest.mark.usefixtures("worker")
def test_reasons_are_given_in_the_language_asked_for(cast: Cast, gate: Gate) -> None:
    response = gate.post("/api/v1/arrivals/", cast.arrival(), **{"Accept-Language": "es"})
    assert response["Content-Language"] == "es"


@pytest.mark.usefixtures("worker")
def test_the_same_event_again_gives_the_same_answer(cast: Cast, gate: Gate) -> None:
    body = cast.arrival()
    first, again = gate.arrive(body), gate.arrive(body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Assignment.objects.count() == 1


def test_the_same_event_with_another_body_is_a_conflict(cast: Cast, gate: Gate) -> None:
    body = cast.arrival()
    gate.arrive(body, "respond-async")
    response = gate.arrive(body | {"tag_epc": tag(2)})
    assert response.status_code == 409
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "event_id_reused"
    assert Refusal.objects.get().code == "event_id_reused"


def test_the_same_body_written_differently_is_the_same_event(cast: Cast, gate: Gate) -> None:
    body = cast.arrival()
    gate.arrive(body, "respond-async")
    spaced = {"number": cast.truck.plate_number.lower(), "jurisdiction": "tx"}
    assert gate.arrive(body | {"plate": spaced}, "respond-async").status_code == 202


def test_respond_async_answers_at_once_and_the_lane_comes_later(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    response = gate.arrive(cast.arrival(), "respond-async")
    assert response.status_code == 202
    assert response.json()["state"] == "waiting"
    assert response.json()["route"] is None
    assert response["Preference-Applied"] == "respond-async"
    assert decide_now() == 1
    later = gate.get(response["Location"]).json()
    assert (later["state"], later["route"]) == ("assigned", "fast")


def test_a_short_wait_ends_before_the_deadline(cast: Cast, gate: Gate) -> None:
    started = time.monotonic()
    response = gate.arrive(cast.arrival(), "wait=0.2")
    assert response.status_code == 202
    assert time.monotonic() - started < 1.4
    assert Waiting.objects.count() == 1


def test_without_workers_the_deadline_sends_the_truck_to_inspection(cast: Cast, gate: Gate) -> None:
    response = gate.arrive(cast.arrival())
    answer = response.json()
    assert response.status_code == 201
    assert answer["route"] == "inspection"
    assert [r["code"] for r in answer["reasons"]] == ["deadline_passed"]
    assert answer["lane"]["name"].startswith("inspection")
    assert answer["decided_at"] >= answer["deadline_at"]
    assert not Waiting.objects.exists()


def test_a_report_that_was_slow_to_write_has_its_whole_time(cast: Cast, gate: Gate) -> None:
    """The deadline is the database's: it counts from the row, not from the request."""
    another = connections["default"].copy()
    cursor = another.cursor()
    cursor.execute("BEGIN; LOCK TABLE lanes_arrival IN ACCESS EXCLUSIVE MODE")
    release = threading.Timer(0.3, cursor.execute, ["COMMIT"])
    release.start()
    answer = gate.arrive(cast.arrival()).json()
    release.join()
    another.close()
    assert [r["code"] for r in answer["reasons"]] == ["deadline_passed"]
    assert answer["decided_at"] >= answer["deadline_at"]


@pytest.mark.parametrize("prefer", ["", "wait=0.5"])
def test_an_arrival_that_the_database_lost_is_said_to_be_lost(
    cast: Cast, gate: Gate, prefer: str
) -> None:
    """A crash forgets what waited for no disk; the request that waits for its lane lives on."""
    body = cast.arrival()
    another = connections["default"].copy()
    forget = "WITH gone AS (DELETE FROM lanes_waiting) DELETE FROM lanes_arrival"
    crash = threading.Timer(0.2, another.cursor().execute, [forget])
    crash.start()
    lost = gate.arrive(body, prefer)
    crash.join()
    another.close()
    assert (lost.status_code, lost.json()["code"]) == (503, "arrival_lost")
    assert (lost["Content-Type"], lost["Retry-After"]) == ("application/problem+json", "1")
    assert not Arrival.objects.exists()
    assert gate.arrive(body, "respond-async").status_code == 202


def test_a_late_worker_changes_nothing(cast: Cast, gate: Gate, decide_now: Decide) -> None:
    first = gate.arrive(cast.arrival()).json()
    assert decide_now() == 0
    assert gate.get(f"/api/v1/arrivals/{first['id']}/").json() == first


def test_every_decision_keeps_facts_reasons_policy_and_audit(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    arrival_id = gate.arrive(cast.arrival(), "respond-async").json()["id"]
    decide_now()
    made = Assignment.objects.get(pk=arrival_id)
    assert made.facts["carrier"]["scac"] == "NRTE"
    assert made.facts["truck_credential"]["state"] == "active"
    assert (made.policy_version, made.reasons, made.decided_by) == (1, ["trusted"], "worker")
    assert made.draw is not None
    assert 0 <= made.draw < 1
    events = Event.objects.filter(subject_id=arrival_id).order_by("id")
    assert [e.action for e in events] == ["arrival.received", "arrival.assigned"]
    assert events[1].data["route"] == "fast"


def test_an_audit_event_cannot_be_changed(cast: Cast, gate: Gate) -> None:
    from django.db import IntegrityError, transaction

    event = Event.objects.latest("id")
    event.action = "nothing.happened"
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        event.save()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Event.objects.all().delete()


# --- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("{", "malformed_json"),
        ("", "invalid"),
        ('{"port": "2304", "port": "2506"}', "malformed_json"),
        ('{"gross_weight_kg": NaN}', "malformed_json"),
        ('{"gross_weight_kg": 1e999}', "malformed_json"),
        ("[" * 30 + "]" * 30, "malformed_json"),
        ("[" * 60_000, "malformed_json"),
        ('{"event_id": "a\\u0000b"}', "malformed_json"),
        ('{"event_id": "\\ud800"}', "malformed_json"),
        ('{"gross_weight_kg": ' + "9" * 5000 + "}", "malformed_json"),
        (b"\xff\xfe{}", "malformed_json"),
        ("[]", "invalid"),
        ("null", "invalid"),
        ('"truck"', "invalid"),
    ],
)
def test_a_body_that_is_no_json_object(gate: Gate, raw: str | bytes, code: str) -> None:
    response = gate.arrive(raw)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == code


def test_a_wrong_word_is_answered_with_those_that_are_right(gate: Gate) -> None:
    response = gate.arrive({"direction": "up", "plate": "ABC"})
    texts = {error["field"]: error["text"] for error in response.json()["errors"]}
    assert texts["direction"] == "Choose one of: northbound, southbound."
    assert texts["plate"] == "Write this as an object of names and values."


def test_every_wrong_field_is_named_at_once(gate: Gate) -> None:
    response = gate.arrive(
        {
            "event_id": "has spaces",
            "port": "23O4",
            "observed_at": "yesterday",
            "direction": "up",
            "tag_epc": "0xNOTHEX",
            "qr": 7,
            "plate": {"number": "", "jurisdiction": 5},
            "trip_number": "x",
            "seals": ["ok1", 5, "way-too-long-for-a-seal"],
            "gross_weight_kg": "heavy",
            "radiation_alarm": "no",
            "tag_ecp": "typo",
        }
    )
    assert response.status_code == 400
    wrong = codes(response.json())
    assert set(wrong) == {
        "event_id",
        "port",
        "observed_at",
        "direction",
        "tag_epc",
        "qr",
        "plate.number",
        "plate.jurisdiction",
        "trip_number",
        "seals.1",
        "seals.2",
        "gross_weight_kg",
        "radiation_alarm",
        "tag_ecp",
    }
    assert wrong["tag_ecp"] == "unknown_field"
    assert all(error["text"] for error in response.json()["errors"])


def test_what_is_missing_is_named(gate: Gate) -> None:
    wrong = codes(gate.arrive({}).json())
    assert wrong == dict.fromkeys(("event_id", "port", "observed_at", "direction"), "required")


def test_an_unknown_port_is_refused(cast: Cast, gate: Gate) -> None:
    response = gate.arrive(cast.arrival(port="9999"))
    assert (response.status_code, codes(response.json())) == (400, {"port": "unknown_port"})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (timedelta(hours=2), "clock_ahead"),
        (timedelta(days=-2), "clock_behind"),
        (timedelta(days=-9000), "clock_behind"),
    ],
)
def test_a_clock_far_off_is_refused(cast: Cast, gate: Gate, change: timedelta, code: str) -> None:
    body = cast.arrival(observed_at=instant(timezone.now() + change))
    response = gate.arrive(body)
    assert (response.status_code, codes(response.json())) == (400, {"observed_at": code})


@pytest.mark.parametrize("off", [timedelta(hours=2), timedelta(hours=-2), timedelta(days=3)])
def test_a_gate_is_right_where_our_own_clock_is_off(cast: Cast, gate: Gate, off: timedelta) -> None:
    """The database's clock judges, not the one of the process that happens to answer."""
    body = cast.arrival()
    with time_machine.travel(timezone.now() + off):
        response = gate.arrive(body, "respond-async")
    assert response.status_code == 202, response.content


def test_an_instant_without_an_offset_is_refused(cast: Cast, gate: Gate) -> None:
    response = gate.arrive(cast.arrival(observed_at="2026-03-01T14:05:00"))
    assert codes(response.json()) == {"observed_at": "not_an_instant"}


def test_a_journal_played_back_after_an_outage_is_inspection(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    earlier = instant(timezone.now() - timedelta(hours=2))
    response = gate.arrive(cast.arrival(observed_at=earlier), "respond-async")
    decide_now()
    answer = gate.get(response["Location"]).json()
    assert [r["code"] for r in answer["reasons"]] == ["reported_late"]


def test_a_body_over_the_limit_is_refused(cast: Cast, gate: Gate) -> None:
    response = gate.arrive(cast.arrival(credential="x" * 70_000))
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_another_media_type_is_refused(cast: Cast) -> None:
    client = Gate(cast.key).client
    response = client.post(
        "/api/v1/arrivals/",
        "<a/>",
        content_type="text/xml",
        headers={"Authorization": f"Bearer {cast.key}"},
    )
    assert response.status_code == 415
    assert response["Content-Type"] == "application/problem+json"


def test_a_refused_event_that_names_a_truck_is_kept(cast: Cast, gate: Gate) -> None:
    gate.arrive(cast.arrival(direction="sideways"))
    kept = Refusal.objects.get()
    assert (kept.code, kept.body["tag_epc"]) == ("invalid", cast.truck.tag_epc)
    assert kept.errors[0]["field"] == "direction"
    assert Event.objects.filter(action="arrival.refused").exists()


def test_a_refused_event_that_names_no_truck_is_not_kept(gate: Gate) -> None:
    gate.arrive({"direction": "sideways"})
    assert not Refusal.objects.exists()


# --- who may ask ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key",
    [
        "",
        "nonsense",
        "tt_000000000000_" + "A" * 43,
        "tt_00000000000_short",
        "tt_٠٠٠٠٠٠٠٠٠٠٠٠_" + "A" * 43,
    ],
)
def test_an_unknown_device_is_refused(cast: Cast, key: str) -> None:
    gate = Gate(key)
    if not key.isascii():
        key = key.encode().decode("latin-1")
        gate = Gate(key)
    response = gate.arrive(cast.arrival())
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert response["Content-Type"] == "application/problem+json"


def test_the_key_of_another_port_is_refused(cast: Cast) -> None:
    make_port("2506")
    _device, key = make_device("2506", "gate-9")
    response = Gate(key).arrive(cast.arrival())
    assert (response.status_code, response.json()["code"]) == (403, "key_of_another_port")
    assert Refusal.objects.get().code == "key_of_another_port"
    assert not Arrival.objects.exists()


def test_a_key_without_the_scope_is_refused(cast: Cast, gate: Gate) -> None:
    MachineKey.objects.update(scopes=["lanes:read"])
    response = gate.arrive(cast.arrival())
    assert (response.status_code, response.json()["code"]) == (403, "scope_missing")


def test_a_revoked_key_is_refused_at_once(cast: Cast, gate: Gate) -> None:
    key = MachineKey.objects.get()
    revoke_key(key=key, by=cast.device.actor, at=timezone.now())
    assert gate.arrive(cast.arrival()).status_code == 401


def test_a_revoked_device_is_refused_at_once(cast: Cast, gate: Gate) -> None:
    revoke_device(device=cast.device, by=cast.device.actor, at=timezone.now())
    assert gate.arrive(cast.arrival()).status_code == 401


def test_a_key_that_was_just_used_is_refused_once_it_is_revoked(cast: Cast, gate: Gate) -> None:
    """The process remembers it; the statement that takes a truck does not."""
    first = cast.arrival()
    assert gate.arrive(first, "respond-async").status_code == 202
    revoke_key(key=MachineKey.objects.get(), by=cast.device.actor, at=timezone.now())
    broken = {**cast.arrival(), "direction": "up"}
    for body in (cast.arrival(), first, broken):
        response = gate.arrive(body)
        assert (response.status_code, response.json()["code"]) == (401, "key_refused")
        assert response["WWW-Authenticate"].startswith("Bearer")
    assert Arrival.objects.count() == 1
    assert not Refusal.objects.exists()


@pytest.mark.parametrize("what", ["device", "expired", "scope", "port"])
def test_a_key_that_was_just_used_is_looked_at_again(cast: Cast, gate: Gate, what: str) -> None:
    assert gate.arrive(cast.arrival(), "respond-async").status_code == 202
    match what:
        case "device":
            revoke_device(device=cast.device, by=cast.device.actor, at=timezone.now())
        case "expired":
            then = timezone.now() - timedelta(hours=1)
            MachineKey.objects.update(created_at=then - timedelta(hours=1), expires_at=then)
        case "scope":
            MachineKey.objects.update(scopes=["lanes:read"])
        case "port":
            make_port("2506")
            other, _key = make_device("2506", "gate-9")
            MachineKey.objects.filter(device=cast.device).update(device=other)
    response = gate.arrive(cast.arrival())
    assert response.json()["code"] in ("key_refused", "key_of_another_port")
    assert Arrival.objects.count() == 1


def test_an_arrival_of_another_port_is_not_to_be_seen(cast: Cast, gate: Gate) -> None:
    make_port("2506")
    _device, other_key = make_device("2506", "gate-9")
    location = gate.arrive(cast.arrival(), "respond-async")["Location"]
    assert Gate(other_key).get(location).status_code == 404
    assert gate.get(f"/api/v1/arrivals/{uuid.uuid4()}/").json()["code"] == "arrival_unknown"


# --- many at once ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("worker")
def test_the_same_event_from_eight_gates_at_once_is_one_assignment(cast: Cast) -> None:
    body = cast.arrival()
    responses = in_threads(8, lambda _n: Gate(cast.key).arrive(body))
    assert sorted(r.status_code for r in responses) == [200] * 7 + [201]
    assert len({str(r.json()) for r in responses}) == 1
    assert Assignment.objects.count() == 1


def test_too_many_waiting_requests_are_sent_to_inspection_at_once(
    cast: Cast, settings: Any
) -> None:
    settings.LANES_WAITERS = 2
    Port.objects.update(deadline_ms=3000)
    bodies = [cast.arrival() for _ in range(6)]
    answers = in_threads(6, lambda n: Gate(cast.key).arrive(bodies[n]).json())
    reasons = sorted(a["reasons"][0]["code"] for a in answers)
    assert reasons.count("overload") >= 3
    assert {a["route"] for a in answers} == {"inspection"}
