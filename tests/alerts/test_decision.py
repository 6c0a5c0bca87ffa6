"""Alerts and the lanes: what matches, when, and that nothing comes between."""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lanes import queries
from lanes.models import Alarm, Assignment, Port
from lanes.reasons import for_carriers
from lanes.services import assign, hits
from tests.alerts.writing import draft, issue
from tests.cast import PORT, SEALS, TESTER, TRIP, Cast, file_trip, good_vin
from tests.lanes.conftest import Gate
from tests.lanes.test_commit import proposals
from trustedtruck.alerts.models import Filing, Hit
from trustedtruck.alerts.services import alerts
from trustedtruck.alerts.services.hits import dismiss_hit
from trustedtruck.credentials.services.holds import place_hold
from trustedtruck.manifests.services.arrivals import mark_arrived
from trustedtruck.manifests.tasks import screen_missing

Decide = Callable[[], int]


def reasons(gate: Gate, cast: Cast, decide: Decide, **changes: Any) -> list[str]:
    answer = gate.arrive(cast.arrival(**changes), "respond-async")
    decide()
    found = gate.get(answer["Location"]).json()
    return [reason["code"] for reason in found["reasons"]]


def test_without_alerts_the_truck_is_fast(cast: Cast, gate: Gate, decide_now: Decide) -> None:
    assert reasons(gate, cast, decide_now) == ["trusted"]


ON_TRUCK_ONE = [
    ("vin", good_vin(1)),
    ("tag", "{tag}"),
    ("seal", SEALS[0]),
    ("driver", "41000000000001"),
    ("plate", "TX NPL81"),
    ("plate", "npl-81"),
    ("truck", "NRTE N1"),
    ("truck", "N1"),
    ("driver_name", "Prueba, Rosa"),
    ("carrier_name", "NORTE"),
    ("carrier", "nrte"),
    ("route", PORT),
    ("route", f"{PORT} northbound"),
]


@pytest.mark.parametrize(("kind", "value"), ON_TRUCK_ONE)
def test_an_alert_on_anything_known_of_the_truck_matches(
    cast: Cast, gate: Gate, decide_now: Decide, kind: str, value: str
) -> None:
    issue((kind, value.format(tag=cast.truck.tag_epc)))
    assert reasons(gate, cast, decide_now) == ["alert_matches"]
    hit = Hit.objects.get(subject_kind="arrival")
    assert (hit.state, hit.port_code) == ("open", PORT)


def filed(kind: str) -> str:
    return next(str(value) for k, value in Filing.objects.get(ref=TRIP).values if k == kind)


@pytest.mark.parametrize("kind", ["shipper", "consignee", "hs", "origin", "trailer"])
def test_an_alert_on_what_was_filed_matches(
    cast: Cast, gate: Gate, decide_now: Decide, kind: str
) -> None:
    issue((kind, filed(kind)))
    assert reasons(gate, cast, decide_now) == ["alert_matches"]
    assert {h.subject_kind for h in Hit.objects.all()} == {"trip", "arrival"}


def test_an_alert_on_a_container(cast: Cast, gate: Gate, decide_now: Decide) -> None:
    row = Filing.objects.get(ref=TRIP)
    row.values.append(["container", "TASU1170000"])
    row.keys.append("container=TASU1170000")
    row.save()
    issue(("container", "TASU 117000-0"))
    assert reasons(gate, cast, decide_now) == ["alert_matches"]


def test_a_chapter_matches_the_codes_in_it(cast: Cast, gate: Gate, decide_now: Decide) -> None:
    issue(("hs", filed("hs")[:2]))
    assert reasons(gate, cast, decide_now) == ["alert_matches"]


def test_a_combination_needs_all_of_its_parts(cast: Cast, gate: Gate, decide_now: Decide) -> None:
    issue([("carrier", "NRTE"), ("origin", "XX")])
    assert reasons(gate, cast, decide_now) == ["trusted"]
    issue([("carrier", "NRTE"), ("origin", filed("origin")), ("driver_name", "Rosa Prueba")])
    assert reasons(gate, cast, decide_now) == ["alert_matches"]


def test_one_whole_clause_is_enough(cast: Cast, gate: Gate, decide_now: Decide) -> None:
    issue([("carrier", "NRTE"), ("origin", "XX")], ("plate", "NPL81"))
    assert reasons(gate, cast, decide_now) == ["alert_matches"]


def test_a_close_name_is_possible_until_an_officer_dismisses_it(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    issue(("driver_name", "R. Prueva"))
    assert reasons(gate, cast, decide_now) == ["alert_possible"]
    hit = Hit.objects.get(subject_kind="arrival")
    assert hit.state == "possible"
    dismiss_hit(hit=hit, note="Another date of birth.", by=TESTER, at=timezone.now())
    assert reasons(gate, cast, decide_now) == ["trusted"]


def test_an_alert_of_tomorrow_and_one_of_yesterday_match_nothing(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    now = timezone.now()
    issue(("plate", "NPL81"), valid_from=now + timedelta(days=1))
    issue(
        ("plate", "NPL81"),
        valid_from=now - timedelta(days=2),
        valid_until=now - timedelta(days=1),
    )
    assert reasons(gate, cast, decide_now) == ["trusted"]


def test_a_withdrawn_and_an_expired_alert_match_nothing(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    now = timezone.now()
    alert = issue(("plate", "NPL81"))
    alerts.end_alert(alert=alert, change="withdraw", note="Cleared.", by=TESTER, at=now)
    ending = issue(("plate", "NPL81"))
    assert alerts.expire_due(by=TESTER, at=now + timedelta(days=91)) == 1
    ending.refresh_from_db()
    assert ending.state == "expired"
    assert reasons(gate, cast, decide_now) == ["trusted"]
    alerts.renew_alert(
        alert=ending,
        valid_until=None,
        review_date=(now + timedelta(days=30)).date(),
        note="Seen again.",
        by=TESTER,
        at=now,
    )
    assert reasons(gate, cast, decide_now) == ["alert_matches"]


def test_a_changed_alert_matches_what_it_says_now(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    alert = issue(("plate", "NPL81"))
    alerts.amend_alert(alert=alert, draft=draft(("plate", "XX99")), by=TESTER, at=timezone.now())
    assert reasons(gate, cast, decide_now) == ["trusted"]


def test_a_hold_is_inspected(cast: Cast, gate: Gate, decide_now: Decide) -> None:
    place_hold(credential=cast.credentials["rosa"], note="Look.", by=TESTER, at=timezone.now())
    assert reasons(gate, cast, decide_now) == ["hold_placed"]


def test_a_filing_that_nobody_compared_is_missing_data(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    Filing.objects.all().delete()
    assert reasons(gate, cast, decide_now) == ["alerts_not_checked"]


def test_trips_that_no_alert_saw_are_looked_at_by_the_clock(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    """Such as those that were filed before there were alerts."""
    Filing.objects.all().delete()
    assert reasons(gate, cast, decide_now) == ["alerts_not_checked"]
    issue(("seal", SEALS[0]))
    assert not Hit.objects.filter(subject_kind="trip").exists()
    assert screen_missing.apply().get() == 1
    assert Hit.objects.get(subject_kind="trip").ref == TRIP
    assert screen_missing.apply().get() == 0
    assert reasons(gate, cast, decide_now) == ["alert_matches"]


def test_trips_that_are_over_are_not_looked_at_any_more(cast: Cast) -> None:
    Filing.objects.all().delete()
    mark_arrived(trip_number=TRIP, by=TESTER, at=timezone.now())
    assert screen_missing.apply().get() == 0
    assert not Filing.objects.exists()


def test_an_alert_between_decision_and_commit_is_doubt(cast: Cast, gate: Gate) -> None:
    gate.arrive(cast.arrival(), "respond-async")
    (held,) = proposals()
    assert held.decision.route == "fast"
    issue([("carrier", "NRTE"), ("origin", filed("origin"))])
    assert list(assign.commit([held]).values()) == ["doubt"]


def test_a_close_name_between_decision_and_commit_is_doubt(cast: Cast, gate: Gate) -> None:
    gate.arrive(cast.arrival(), "respond-async")
    (held,) = proposals()
    issue(("driver_name", "R. Prueva"))
    assert list(assign.commit([held]).values()) == ["doubt"]


def test_a_hold_between_decision_and_commit_is_doubt(cast: Cast, gate: Gate) -> None:
    gate.arrive(cast.arrival(), "respond-async")
    (held,) = proposals()
    place_hold(credential=cast.credentials["truck"], note="Look.", by=TESTER, at=timezone.now())
    assert list(assign.commit([held]).values()) == ["doubt"]


def test_another_trucks_alert_is_no_doubt(cast: Cast, gate: Gate) -> None:
    gate.arrive(cast.arrival(), "respond-async")
    (held,) = proposals()
    issue(("plate", "ELSE1"))
    issue([("carrier", "NRTE"), ("origin", "XX")])
    assert list(assign.commit([held]).values()) == ["assigned"]


def test_no_truck_is_fast_after_a_committed_alert(cast: Cast, gate: Gate) -> None:
    """Raced: alerts come and go while trucks are decided; the database's clock tells the order."""
    Port.objects.update(deadline_ms=60_000)
    stop = threading.Event()

    def decide() -> None:
        try:
            while not stop.is_set():
                assign.assign_waiting(port_code=PORT, limit=64, lease_ms=400)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=decide) for _ in range(2)]
    for one in workers:
        one.start()
    try:
        for _race in range(12):
            answer = gate.arrive(cast.arrival(), "respond-async")
            alert = issue(("plate", "NPL81"))
            with connection.cursor() as cursor:
                cursor.execute("SELECT clock_timestamp()")
                (committed,) = cursor.fetchone()
            arrival = uuid.UUID(answer.json()["id"])
            while not (row := Assignment.objects.filter(arrival=arrival).first()):
                pass
            assert row.route == "inspection" or row.decided_at < committed
            late = gate.arrive(cast.arrival(), "respond-async")
            arrival = uuid.UUID(late.json()["id"])
            while not (row := Assignment.objects.filter(arrival=arrival).first()):
                pass
            assert row.route == "inspection"
            alerts.end_alert(
                alert=alert, change="withdraw", note="Next.", by=TESTER, at=timezone.now()
            )
    finally:
        stop.set()
        for one in workers:
            one.join()


def test_a_new_alert_finds_the_trucks_that_are_here(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    assert reasons(gate, cast, decide_now) == ["trusted"]
    issue(("plate", "NPL81"))
    assert hits.match_arrivals(by=TESTER, at=timezone.now()) == 1
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.port_id) == ("alert", PORT)
    assert hits.match_arrivals(by=TESTER, at=timezone.now()) == 0


def test_a_new_alert_finds_filings_but_not_those_of_trips_that_are_over(cast: Cast) -> None:
    issue(("seal", SEALS[0]))
    assert Hit.objects.get().ref == TRIP
    Hit.objects.all().delete()
    Filing.objects.update(open=False)
    issue(("seal", SEALS[0]))
    assert not Hit.objects.exists()


def test_a_filing_is_compared_when_it_comes_in(cast: Cast) -> None:
    issue(("seal", "LATER01"))
    file_trip(
        cast.norte, cast.other_truck, cast.luis, trip_number="NRTE20260002", seals=("LATER01",)
    )
    assert Hit.objects.get().ref == "NRTE20260002"


def test_hits_that_a_dead_worker_did_not_write_are_made_good(
    cast: Cast, gate: Gate, decide_now: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue(("plate", "NPL81"))
    with monkeypatch.context() as dying:
        dying.setattr(hits, "write_hits", lambda *_a, **_k: 1 / 0)
        assert reasons(gate, cast, decide_now) == ["alert_matches"]
    assert not Hit.objects.filter(subject_kind="arrival").exists()
    assert hits.catch_up(by=TESTER, at=timezone.now()) == 1
    assert Hit.objects.filter(subject_kind="arrival").exists()


def test_as_many_queries_for_many_trucks_as_for_one(cast: Cast, gate: Gate) -> None:
    issue(("driver_name", "R. Prueva"))
    gate.arrive(cast.arrival(), "respond-async")
    queries.gather_facts(queries.claim(PORT, limit=64, lease_ms=400))  # fills what is kept
    counts = []
    for count in (1, 12):
        for _ in range(count):
            gate.arrive(cast.arrival(), "respond-async")
        claimed = queries.claim(PORT, limit=64, lease_ms=400)
        assert len(claimed) == count
        with CaptureQueriesContext(connection) as captured:
            queries.gather_facts(claimed)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_carrier_does_not_read_of_alerts() -> None:
    assert for_carriers(["alert_matches", "hold_placed", "weight_disagrees"]) == [
        "selected",
        "weight_disagrees",
    ]
