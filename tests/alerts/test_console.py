"""Officers with alerts: what each may see, and what comes of it."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from lanes.models import Assignment
from tests.alerts.conftest import Officers
from tests.alerts.sharing import MEXICO, Mexico, feedback, warning
from tests.alerts.writing import agency, issue
from tests.cast import PORT, TESTER, Cast, make_port
from tests.lanes.conftest import Gate
from tests.people import log_in
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Role
from trustedtruck.alerts.models import (
    Agreement,
    Alert,
    Finding,
    Hit,
    Inbound,
    Partner,
    Seizure,
    Term,
)
from trustedtruck.alerts.services.alerts import expire_due
from trustedtruck.alerts.services.findings import Pattern, note_patterns
from trustedtruck.alerts.services.messages import Taken, give_feedback, report_seizure
from trustedtruck.audit.models import Event
from trustedtruck.manifests.samples import sample_certificate

Decide = Callable[[], int]
WRITTEN = {
    "category": "narcotics",
    "severity": "high",
    "mark": "amber",
    "reason": "Watched warehouse.",
    "instruction": "Scan the front wall.",
    "valid_from": "2026-01-01",
    "valid_until": "",
    "review_date": "2030-01-01",
    "kind_0": "plate",
    "value_0": "tx npl-81",
}


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content
    return str(answer.content.decode())


def test_an_officer_issues_an_alert_and_the_next_truck_is_inspected(
    officers: Officers, cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    ines = log_in(officers.ines)
    page = text(ines.post("/console/alerts/issue/", WRITTEN, follow=True))
    assert "TX NPL81" in page
    answer = gate.arrive(cast.arrival(), "respond-async")
    decide_now()
    assert Assignment.objects.get().reasons == ["alert_matches"]
    arrival = answer.json()["id"]
    truck = text(log_in(officers.petra).get(f"/console/ports/{PORT}/arrivals/{arrival}/"))
    assert "Scan the front wall." in truck
    assert "Watched warehouse." in truck


def test_a_combination_is_written_by_joining_rows(officers: Officers) -> None:
    body = WRITTEN | {
        "kind_1": "origin",
        "value_1": "mx",
        "and_1": "on",
        "kind_2": "seal",
        "value_2": "ZZ1",
    }
    log_in(officers.ines).post("/console/alerts/issue/", body)
    rows = list(Alert.objects.get().criteria.values_list("clause", "kind", "value"))
    assert rows == [(1, "plate", "TX NPL81"), (1, "origin", "MX"), (2, "seal", "ZZ1")]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"value_0": "!!"}, "value_0"),
        ({"kind_0": ""}, "kind_0"),
        ({"kind_0": "", "value_0": ""}, "kind_0"),
        ({"valid_until": "2025-01-01"}, "valid_until"),
        ({"reason": "  "}, "reason"),
        ({"mark": "pink"}, "mark"),
        ({"kind_0": "vin", "value_0": "1M8GDM9AXKP042789"}, "value_0"),
    ],
)
def test_a_wrong_field_is_marked(officers: Officers, change: dict[str, str], name: str) -> None:
    page = text(log_in(officers.ines).post("/console/alerts/issue/", WRITTEN | change), 400)
    place = page.partition(f'id="field-{name}"')[0][-80:]
    assert "tt-field--error" in place
    assert not Alert.objects.exists()


def test_a_red_alert_shows_others_the_instruction_only(
    officers: Officers, cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    alert = issue(("plate", "NPL81"), owner="US-DEA", mark="red")
    arrival = gate.arrive(cast.arrival(), "respond-async").json()["id"]
    decide_now()
    page = f"/console/ports/{PORT}/arrivals/{arrival}/"
    petra, dora, pablo = (log_in(o) for o in (officers.petra, officers.dora, officers.pablo))
    seen = text(petra.get(page))
    assert alert.instruction in seen
    assert "Juan Perez" not in seen
    assert petra.get(f"/console/alerts/{alert.public_id}/").status_code == 404
    assert "Juan Perez" in text(dora.get(page))
    Partner.objects.create(agency_id=MEXICO, registered_by="t", registered_at=timezone.now())
    assert alert.instruction not in text(pablo.get(page))
    assert alert.instruction not in text(pablo.get("/console/alerts/hits/"))


def test_the_owner_agency_sees_the_hit_wherever_it_was(
    officers: Officers, cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    make_port("2501")
    issue(("plate", "NPL81"), owner="US-DEA", mark="amber+strict")
    gate.arrive(cast.arrival(), "respond-async")
    decide_now()
    for ports in ([], ["2501"]):
        officers.dora.ports = ports
        officers.dora.save()
        page = text(log_in(officers.dora).get("/console/alerts/hits/"))
        assert "Narcotics: matches" in page
        assert f"arrival at {PORT}" in page


def test_a_possible_hit_is_confirmed_or_dismissed(
    officers: Officers, cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    issue(("driver_name", "R. Prueva"))
    gate.arrive(cast.arrival(), "respond-async")
    decide_now()
    ines = log_in(officers.ines)
    hit = Hit.objects.get(subject_kind="arrival")
    path = f"/console/alerts/hits/{hit.public_id}"
    refused = text(ines.post(f"{path}/dismiss/", {"note": " "}), 400)
    assert "Say how you know" in refused
    ines.post(f"{path}/dismiss/", {"note": "Another birth date."})
    hit.refresh_from_db()
    assert (hit.state, hit.note) == ("dismissed", "Another birth date.")
    again = text(ines.post(f"{path}/confirm/", follow=True))
    assert "is not possible from there" in again


def test_a_hit_says_what_matched_to_those_who_may_see_the_alert(officers: Officers) -> None:
    issue(("plate", "NPL81"), mark="amber+strict")
    for officer, sees in ((officers.ines, True), (officers.dora, False)):
        page = text(log_in(officer).get("/console/alerts/hits/"))
        assert ("TX NPL81" in page) is sees


def test_feedback_and_a_seizure_from_the_page(officers: Officers, mexico: Mexico) -> None:
    mexico.agree()
    alert = issue(("seal", "CAST001"))
    hit = Hit.objects.get()
    ines = log_in(officers.ines)
    page = f"/console/alerts/{alert.public_id}/"
    sent = {"result": "found", "mark": "green", "note": "", "hit": str(hit.public_id)}
    assert "The feedback is sent." in text(ines.post(f"{page}feedback/", sent, follow=True))
    answered = alert.feedback.get()
    body = {
        "category": "narcotics",
        "goods": "Bricks",
        "quantity": "12.5",
        "unit": "kg",
        "seized_at": "2026-01-01 06:00",
        "mark": "green",
    }
    path = f"/console/alerts/feedback/{answered.public_id}/seizure/"
    wrong = text(ines.post(path, body | {"seized_at": "2099-01-01 00:00", "quantity": "-1"}), 400)
    assert "This is in the future." in wrong
    assert "Enter more than nothing." in wrong
    shown = text(ines.post(path, body, follow=True))
    assert "12.5 kg, Bricks" in shown
    assert Seizure.objects.get().port_code == PORT
    assert [copy["kind"] for copy in mexico.feed()] == ["warning", "feedback", "seizure"]


def test_answers_are_seen_as_far_as_their_own_marks_allow(
    officers: Officers, mexico: Mexico
) -> None:
    """A green alert does not open what another agency said of it in red."""
    alert = issue(("plate", "NPL81"), mark="green")
    now = timezone.now()
    for mark in ("green", "amber", "red"):
        dea = agency("US-DEA")
        told: dict[str, Any] = {"note": f"{mark} words", "mark": mark, "agency": dea}
        one = give_feedback(alert=alert, result="found", by=TESTER, at=now, **told)
        taken = Taken("narcotics", f"{mark} bricks", Decimal(1), "kg", now)
        report_seizure(
            feedback=one, taken=taken, mark=mark, agency=agency("US-DEA"), by=TESTER, at=now
        )
    for officer, sees in (
        (officers.dora, {"green", "amber", "red"}),
        (officers.ines, {"green", "amber"}),
        (officers.pablo, {"green"}),
    ):
        page = text(log_in(officer).get(f"/console/alerts/{alert.public_id}/"))
        for thing in ("words", "bricks"):
            assert {m for m in ("green", "amber", "red") if f"{m} {thing}" in page} == sees
    red = alert.feedback.get(mark="red").public_id
    assert log_in(officers.ines).post(f"/console/alerts/feedback/{red}/seizure/").status_code == 404


def test_partners_see_no_patterns(officers: Officers, mexico: Mexico) -> None:
    pablo = log_in(officers.pablo)
    assert pablo.get("/console/alerts/patterns/").status_code == 404
    assert "/console/alerts/patterns/" not in text(pablo.get("/console/alerts/hits/"))


def test_whom_an_alert_names_on_the_trucks_page_is_seen_on_record(
    officers: Officers, cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    alert = issue([("plate", "NPL81"), ("driver_name", "Rosa Prueba")])
    arrival = gate.arrive(cast.arrival(), "respond-async").json()["id"]
    decide_now()
    page = text(log_in(officers.petra).get(f"/console/ports/{PORT}/arrivals/{arrival}/"))
    assert "Rosa Prueba" in page
    event = Event.objects.get(action="personal_data.viewed", subject_kind="alert")
    assert (event.subject_id, event.port_code) == (str(alert.public_id), PORT)


def test_partners_officers_take_in_nothing_and_change_no_agreement(
    officers: Officers, mexico: Mexico
) -> None:
    """Whatever roles they were given here."""
    User.objects.filter(pk=officers.pablo.pk).update(roles=[Role.SUPERVISOR])
    agreement = mexico.agree()
    mexico.send(warning())
    pablo, row = log_in(officers.pablo), Inbound.objects.get()
    assert pablo.get("/console/alerts/hits/").status_code == 200
    for path in ("alerts/quarantine/", "partners/", f"partners/{MEXICO}/"):
        assert pablo.get(f"/console/{path}").status_code == 404
    for path in (f"alerts/quarantine/{row.public_id}/accept/", f"agreements/{agreement.pk}/end/"):
        assert pablo.post(f"/console/{path}").status_code == 404
    row.refresh_from_db()
    agreement.refresh_from_db()
    assert (row.state, agreement.ended_at) == ("quarantined", None)


def test_names_on_hits_and_in_quarantine_are_seen_on_record(
    officers: Officers, mexico: Mexico
) -> None:
    issue(("driver_name", "Rosa Garza Luna"))
    mexico.send(warning(criteria=[[{"kind": "driver_name", "value": "Rosa Garza Luna"}]]))
    simon, pablo = log_in(officers.simon), log_in(officers.pablo)
    for path in ("hits", "quarantine"):
        assert "rosa garza luna" in text(simon.get(f"/console/alerts/{path}/")).lower()
    pablo.get("/console/alerts/hits/")
    seen = Event.objects.filter(action="personal_data.viewed")
    assert {(e.subject_kind, e.actor_id) for e in seen} == {
        ("alert_hit", str(officers.simon.pk)),
        ("partner_message", str(officers.simon.pk)),
    }


def test_only_the_owner_agency_changes_an_alert(officers: Officers) -> None:
    alert = issue(("plate", "NPL81"))
    dora, ines = log_in(officers.dora), log_in(officers.ines)
    page = f"/console/alerts/{alert.public_id}/"
    assert dora.post(f"{page}withdraw/", {"note": "x"}).status_code == 404
    assert dora.get(f"{page}change/").status_code == 404
    assert "TX NPL81" not in text(ines.get(f"{page}change/"))
    ines.post(f"{page}change/", WRITTEN)
    assert "TX NPL81" in text(ines.get(page))
    ines.post(f"{page}review/", {"review_date": "2031-01-01"})
    ines.post(f"{page}withdraw/", {"note": "Cleared."})
    alert.refresh_from_db()
    assert (alert.state, alert.version, str(alert.review_date)) == ("withdrawn", 2, "2031-01-01")


def test_an_expired_alert_is_put_in_force_again_with_a_reason(
    officers: Officers, mexico: Mexico
) -> None:
    mexico.agree()
    now = timezone.now()
    alert = issue(("plate", "NPL81"), valid_until=now + timedelta(hours=1))
    expire_due(by=TESTER, at=now + timedelta(hours=2))
    ines, dora = log_in(officers.ines), log_in(officers.dora)
    page = f"/console/alerts/{alert.public_id}/"
    assert "Put it in force again" in text(ines.get(page))
    assert "Put it in force again" not in text(dora.get(page))
    body = {"valid_until": "2031-01-01", "review_date": "2030-06-01", "note": "Seen again."}
    assert dora.post(f"{page}renew/", body).status_code == 404
    wrong = text(ines.post(f"{page}renew/", body | {"valid_until": "2020-01-01"}), 400)
    assert "The new end must lie ahead." in wrong
    shown = text(ines.post(f"{page}renew/", body, follow=True))
    assert "The alert is in force again." in shown
    alert.refresh_from_db()
    assert (alert.state, alert.version, str(alert.review_date)) == ("active", 2, "2030-06-01")
    assert Event.objects.get(action="alert.renewed").data["note"] == "Seen again."
    assert Term.objects.filter(alert=alert, active=True).exists()
    assert [copy["version"] for copy in mexico.feed() if copy["kind"] == "warning"] == [2]
    assert ines.post(f"{page}renew/", body).status_code == 400


def test_a_supervisor_takes_in_a_partner_and_what_it_sends(officers: Officers) -> None:
    simon = log_in(officers.simon)
    page = text(simon.post("/console/partners/", {"code": MEXICO, "name": "ANAM", "country": "MX"}))
    assert "whsec_" in page
    terms = {
        "title": "Exchange",
        "categories": ["narcotics"],
        "fields_": ["vehicle"],
        "max_mark": "amber",
    }
    simon.post(f"/console/partners/{MEXICO}/agreements/", terms)
    keyed = text(simon.post(f"/console/partners/{MEXICO}/keys/"))
    found = re.search(r"tt_[0-9a-f]{12}_[\w-]{43}", keyed)
    assert found is not None
    mexico = Mexico(Partner.objects.get(), "", found.group())
    assert mexico.send(warning()).status_code == 200
    row = Inbound.objects.get()
    waiting = text(simon.get("/console/alerts/quarantine/"))
    assert "anam-2026-17" in waiting
    assert "plate TX NPL81" in waiting
    assert "narcotics" in waiting
    simon.post(f"/console/alerts/quarantine/{row.public_id}/accept/")
    assert Alert.objects.get().owner_id == MEXICO
    assert mexico.send(feedback()).status_code == 200
    inbox = {"inbox_url": "http://10.0.0.1/x", "secret": "", "messages_per_minute": "0"}
    wrong = text(simon.post(f"/console/partners/{MEXICO}/change/", inbox), 400)
    assert "must begin with https" in wrong
    assert "from 1 to 60,000" in wrong
    agreement = Agreement.objects.get()
    simon.post(f"/console/agreements/{agreement.pk}/end/")
    agreement.refresh_from_db()
    assert agreement.ended_at is not None


@pytest.mark.parametrize(("sent", "status"), [({}, 403), ({"certificates": "on"}, 201)])
def test_a_partners_key_may_send_certificates_where_it_is_given_that(
    officers: Officers, mexico: Mexico, sent: dict[str, str], status: int
) -> None:
    simon = log_in(officers.simon)
    keyed = text(simon.post(f"/console/partners/{MEXICO}/keys/", sent))
    found = re.search(r"tt_[0-9a-f]{12}_[\w-]{43}", keyed)
    assert found is not None
    paper = sample_certificate(number="MX-1", seal="S1", issued_at=timezone.now())
    headers = {"Authorization": f"Bearer {found.group()}"}
    path = "/api/v1/plant-health-certificates/"
    answer = mexico.client.post(path, paper, content_type="application/xml", headers=headers)
    assert answer.status_code == status
    page = text(simon.get(f"/console/partners/{MEXICO}/"))
    assert ("plant-health certificates too" in page) == bool(sent)


def test_patterns_are_shown_with_their_evidence(officers: Officers) -> None:
    now = timezone.now()
    pattern = Pattern("shell", "NRTE and SURR", {"shared plates": ["TX X1"]})
    assert note_patterns(found=[pattern], by=TESTER, at=now) == 1
    assert note_patterns(found=[pattern], by=TESTER, at=now) == 0
    ines = log_in(officers.ines)
    page = text(ines.get("/console/alerts/patterns/"))
    assert "TX X1" in page
    assert "never a verdict" in page
    one = Finding.objects.get()
    path = f"/console/alerts/patterns/{one.public_id}"
    ines.post(f"{path}/close/", {"note": ""})
    ines.post(f"{path}/follow/")
    one.refresh_from_db()
    assert one.state == "followed"
