"""The officers' review and a carrier's standing: four eyes, written reasons, graded sanctions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.cast import TESTER, good_vin, tag
from tests.people import log_in, make_officer
from tests.portal.conftest import Newcomer, People
from tests.portal.test_application import complete
from trustedtruck.audit.models import Event
from trustedtruck.carriers.models import (
    Appeal,
    Application,
    Carrier,
    Measure,
    SiteVisit,
    VettingCheck,
)
from trustedtruck.carriers.services import NewTruck, add_trucks, enrolment
from trustedtruck.credentials.models import Credential
from trustedtruck.credentials.services import issue_credentials
from trustedtruck.enrolment.services import standing, vetting
from trustedtruck.enrolment.tasks import end_measures, resume_vetting, vet_application
from trustedtruck.enrolment.vetting import checks
from trustedtruck.enrolment.vetting.result import Result

pytestmark = pytest.mark.django_db


@pytest.fixture
def submitted(newcomer: Newcomer) -> Application:
    complete(newcomer)
    application = enrolment.submit(
        application=newcomer.application, by=newcomer.user.actor, at=timezone.now()
    )
    vetting.vet(application=application, by=TESTER, at=timezone.now())
    # Only a lack of insurance speaks against it.
    application.checks.update(outcome=VettingCheck.Outcome.PASS)
    return application


class Desk:
    """Two officers and one application."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.olga, self.omar = log_in(make_officer("Olga")), log_in(make_officer("Omar"))
        self.page = f"/console/enrolment/applications/{application.public_id}/"

    def advise(self, **changes: str) -> str:
        values = {"advice": "approve", "reasons": "In order."} | changes
        return self.olga.post(self.page + "advise/", values, follow=True).content.decode()

    def decide(self, decision: str, reasons: str = "I agree.", who: Any = None) -> str:
        values = {"decision": decision, "reasons": reasons}
        client = who or self.omar
        return client.post(self.page + "decide/", values, follow=True).content.decode()

    @property
    def state(self) -> str:
        return Application.objects.get(pk=self.application.pk).state


@pytest.fixture
def desk(submitted: Application) -> Desk:
    return Desk(submitted)


def test_the_officer_who_advised_cannot_decide(desk: Desk) -> None:
    desk.advise()
    assert "Another officer must decide" in desk.decide("approve", who=desk.olga)
    assert desk.state == "advised"


def test_the_database_wants_two_officers_too(desk: Desk) -> None:
    desk.advise()
    row = Application.objects.get()
    row.decided_by, row.decided_at = row.advised_by, timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize(
    ("changes", "field"), [({"reasons": " "}, "reasons"), ({"advice": ""}, "advice")]
)
def test_advice_needs_its_reasons(desk: Desk, changes: dict[str, str], field: str) -> None:
    assert f'href="#field-{field}"' in desk.advise(**changes)
    assert desk.state == "submitted"


def test_a_decision_needs_written_reasons(desk: Desk) -> None:
    desk.advise()
    assert 'href="#field-reasons"' in desk.decide("reject", "")
    assert desk.state == "advised"


def test_nobody_decides_without_advice(desk: Desk) -> None:
    assert "is not possible from there" in desk.decide("approve")


def test_a_failed_check_bars_approval(desk: Desk) -> None:
    desk.advise()
    desk.application.checks.filter(code="documents").update(outcome="fail")
    assert "A check has failed" in desk.decide("approve")
    assert desk.state == "advised"


def test_advice_waits_for_the_checks(desk: Desk) -> None:
    desk.application.checks.filter(code="history").delete()
    assert "not finished yet" in desk.advise()


def test_advice_waits_for_checks_of_what_the_carrier_changed(
    desk: Desk, newcomer: Newcomer
) -> None:
    """The results of before an answer say nothing of what came with it."""
    desk.olga.post(desk.page + "ask/", {"text": "Which yard?"})
    request = desk.application.requests.get()
    page = f"/portal/application/information/{request.pk}/"
    newcomer.client.post(page, {"answer": "Another one."})
    assert "not finished yet" in desk.advise()
    assert desk.state == "submitted"
    vet_application(desk.application.pk)
    desk.advise()
    assert desk.state == "advised"


def test_nothing_is_decided_by_an_answer_that_does_not_say_what(desk: Desk) -> None:
    desk.advise()
    assert "by one of the buttons" in desk.decide("")
    assert "by one of the buttons" in desk.decide("certify")
    assert desk.state == "advised"


def test_who_was_removed_with_a_visit_due_can_be_approved_again(
    desk: Desk, newcomer: Newcomer
) -> None:
    old = timezone.now().date() - timedelta(days=90)
    SiteVisit.objects.create(carrier=newcomer.carrier, kind="revalidation", due_date=old)
    desk.advise()
    desk.decide("approve")
    assert desk.state == "approved"
    visit = SiteVisit.objects.get()
    assert visit.due_date == (timezone.now() + timedelta(days=365)).date()


def test_the_second_officer_may_send_back(desk: Desk) -> None:
    desk.advise()
    desk.decide("send_back", "Look at the seals again.")
    assert desk.state == "submitted"
    assert Application.objects.get().advised_by == ""


def test_a_rejected_carrier_reads_why_appeals_and_applies_again(
    desk: Desk, newcomer: Newcomer
) -> None:
    desk.advise(advice="reject")
    desk.decide("reject", "The yard has no fence.")
    assert Carrier.objects.get(pk=newcomer.carrier.pk).state == "rejected"
    assert "The yard has no fence." in newcomer.client.get("/portal/application/").content.decode()
    page = f"/portal/standing/appeal/application/{desk.application.public_id}/"
    assert newcomer.client.post(page, {"text": "It has one."}).status_code == 302
    assert "already" in newcomer.client.post(page, {"text": "Again."}).content.decode()
    appeal = Appeal.objects.get()
    judge = f"/console/enrolment/appeals/{appeal.public_id}/decide/"
    answer = {"decision": "grant", "reasons": "Seen on the photo."}
    assert "Another officer must judge" in desk.omar.post(judge, answer).content.decode()
    assert desk.olga.post(judge, answer).status_code == 302
    newcomer.client.post("/portal/application/reopen/")
    assert Application.objects.filter(state="draft").count() == 1


def test_approval_gives_a_tier_a_number_a_visit_and_a_credential(
    desk: Desk, newcomer: Newcomer
) -> None:
    desk.advise()
    desk.decide("approve")
    carrier = Carrier.objects.select_related("profile").get(pk=newcomer.carrier.pk)
    assert (carrier.state, carrier.tier) == ("certified", 1)
    assert carrier.profile.svi_number is not None
    visit = SiteVisit.objects.get()
    assert visit.due_date == (timezone.now() + timedelta(days=365)).date()
    assert Credential.objects.get().kind == "carrier"
    actions = set(Event.objects.values_list("action", flat=True))
    assert {"application.advised", "application.approved", "carrier.certified"} <= actions


def test_a_worker_that_died_is_made_good(newcomer: Newcomer) -> None:
    complete(newcomer)
    application = enrolment.submit(
        application=newcomer.application, by=newcomer.user.actor, at=timezone.now()
    )
    vetting._store(application, "identifiers", TESTER, timezone.now())
    assert resume_vetting() == 1
    assert application.checks.count() == len(checks.CHECKS)
    assert resume_vetting() == 0
    assert vet_application(application.pk) == 0


def test_a_check_that_crashes_is_unknown_and_keeps_no_other_from_running(
    newcomer: Newcomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object) -> Result:
        raise RuntimeError

    monkeypatch.setitem(checks.CHECKS, "fleet", (broken, "Fleet"))
    results = vetting.vet(application=newcomer.application, by=TESTER, at=timezone.now())
    assert {r.code: r.outcome for r in results}["fleet"] == "unknown"
    assert len(results) == len(checks.CHECKS)


def outcome(application: Application, code: str) -> str:
    return checks.CHECKS[code][0](application, timezone.now().date()).outcome


def test_vetting_finds_a_vin_that_was_in_another_fleet(newcomer: Newcomer, people: People) -> None:
    assert outcome(newcomer.application, "duplicates") == "pass"
    new = NewTruck("N1", good_vin(1), "A1", "TX", tag(1))
    (old,) = add_trucks(carrier=people.norte, trucks=[new], by=TESTER, at=timezone.now())
    old.retired_at = timezone.now()
    old.save()
    add_trucks(carrier=newcomer.carrier, trucks=[new], by=TESTER, at=timezone.now())
    result = checks.duplicates(newcomer.application, timezone.now().date())
    assert result.outcome == "warn"
    assert {f["params"]["other"] for f in result.findings} == {"NRTE"}


def test_vetting_wants_insurance_fleet_and_profile(newcomer: Newcomer) -> None:
    assert outcome(newcomer.application, "documents") == "fail"
    assert outcome(newcomer.application, "fleet") == "warn"
    assert outcome(newcomer.application, "identifiers") == "fail"
    assert outcome(newcomer.application, "alerts") == "pass"
    assert outcome(newcomer.application, "history") == "pass"


Impose = Callable[..., Measure]


@pytest.fixture
def impose(people: People) -> Impose:
    def act(grade: str, **changes: Any) -> Measure:
        given: dict[str, Any] = {
            "carrier": people.norte,
            "reasons": "A seal was missing.",
            "ends_date": None,
            "by": people.olga.actor,
            "at": timezone.now(),
        } | changes
        return standing.impose(grade=grade, **given)

    return act


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"grade": "warning", "reasons": ""}, "reasons"),
        ({"grade": "jail", "reasons": "x"}, "grade"),
        ({"grade": "privileges", "reasons": "x"}, "ends_date"),
        ({"grade": "privileges", "reasons": "x", "ends_date": "2020-01-01"}, "ends_date"),
    ],
)
def test_a_sanction_without_what_it_needs(
    people: People, values: dict[str, str], field: str
) -> None:
    page = f"/console/enrolment/carriers/{people.norte.public_id}/measures/"
    shown = people.browser("olga").post(page, values).content.decode()
    assert f'href="#field-{field}"' in shown
    assert not Measure.objects.exists()


def test_the_credentials_go_with_a_suspension_and_come_back(people: People, impose: Impose) -> None:
    new = NewTruck("N1", good_vin(1), "A1", "TX", tag(1))
    trucks = add_trucks(carrier=people.norte, trucks=[new], by=TESTER, at=timezone.now())
    (credential,) = issue_credentials(trucks, by=TESTER, at=timezone.now())
    measure = impose("suspension")
    credential.refresh_from_db()
    assert credential.state == "suspended"
    assert "A seal was missing." in people.browser("vera").get("/portal/standing/").content.decode()

    # Not lifted without an accepted plan.
    lift = f"/console/enrolment/measures/{measure.public_id}/lift/"
    officer = people.browser("omar")
    assert "after a corrective plan" in officer.post(lift, {"reasons": "ok"}).content.decode()
    page = f"/portal/standing/measures/{measure.public_id}/plan/"
    due = (timezone.now() + timedelta(days=30)).date().isoformat()
    plan = {
        "cause": "A box was open.",
        "action_1": "New boxes",
        "due_1": due,
        "consents_to_visits": "on",
    }
    marta = people.browser("marta")
    for lacks, field in (
        ({"consents_to_visits": ""}, "consents_to_visits"),
        ({"cause": ""}, "cause"),
        ({"action_1": "", "due_1": ""}, "action_1"),
        ({"due_1": "2020-01-01"}, "due_1"),
    ):
        assert f'href="#field-{field}"' in marta.post(page, plan | lacks).content.decode()
    assert marta.post(page, plan).status_code == 302
    filed = measure.plans.get()
    review = f"/console/enrolment/plans/{filed.pk}/review/"
    accept = {"decision": "accept", "reasons": "Good."}
    assert officer.post(review, accept).status_code == 302
    action = filed.actions.get()
    marta.post(f"/portal/standing/actions/{action.pk}/done/")
    assert officer.post(lift, {"reasons": "Seen."}).status_code == 302
    credential.refresh_from_db()
    people.norte.refresh_from_db()
    assert (credential.state, people.norte.state) == ("active", "certified")


def test_privileges_come_back_on_their_day(people: People, impose: Impose) -> None:
    impose("privileges", ends_date=(timezone.now() + timedelta(days=1)).date())
    people.norte.refresh_from_db()
    assert people.norte.state == "suspended"
    assert end_measures() == 0
    Measure.objects.update(ends_date=timezone.now().date())
    assert end_measures() == 1
    people.norte.refresh_from_db()
    assert people.norte.state == "certified"


def test_a_removal_revokes_and_is_final(people: People, impose: Impose) -> None:
    (credential,) = issue_credentials([people.norte], by=TESTER, at=timezone.now())
    impose("suspension")
    measure = impose("removal")
    credential.refresh_from_db()
    people.norte.refresh_from_db()
    assert (credential.state, people.norte.state) == ("revoked", "removed")
    lift = f"/console/enrolment/measures/{measure.public_id}/lift/"
    shown = people.browser("omar").post(lift, {"reasons": "x"}).content.decode()
    assert "A removal is not lifted" in shown


def test_a_warning_takes_nothing(people: People, impose: Impose) -> None:
    impose("warning")
    people.norte.refresh_from_db()
    assert people.norte.state == "certified"


def test_a_granted_appeal_ends_the_suspension(people: People, impose: Impose) -> None:
    measure = impose("suspension")
    page = f"/portal/standing/appeal/measure/{measure.public_id}/"
    assert 'href="#field-text"' in people.browser("marta").post(page, {"text": ""}).content.decode()
    people.browser("marta").post(page, {"text": "It was not our trailer."})
    judge = f"/console/enrolment/appeals/{Appeal.objects.get().public_id}/decide/"
    answer = {"decision": "grant", "reasons": "True."}
    assert "Another officer" in people.browser("olga").post(judge, answer).content.decode()
    people.browser("omar").post(judge, answer)
    people.norte.refresh_from_db()
    assert people.norte.state == "certified"


@pytest.mark.parametrize(("outcome", "tier"), [("passed", 2), ("best_practice", 3), ("actions", 2)])
def test_the_tier_follows_the_visit(people: People, outcome: str, tier: int) -> None:
    people.norte.tier = 1
    people.norte.save()
    today = timezone.now().date()
    visit = SiteVisit.objects.create(carrier=people.norte, kind="validation", due_date=today)
    page = f"/console/enrolment/visits/{visit.public_id}/report/"
    report = {
        "visited_date": today.isoformat(),
        "outcome": outcome,
        "report": "We saw the yard.",
        "criterion_1": "US-9.1",
        "finding_1": "A gap in the fence.",
    }
    officer = people.browser("olga")
    late = report | {"visited_date": (today + timedelta(days=1)).isoformat()}
    assert "has not come yet" in officer.post(page, late).content.decode()
    assert 'href="#field-report"' in officer.post(page, report | {"report": ""}).content.decode()
    assert officer.post(page, report).status_code == 302
    people.norte.refresh_from_db()
    assert people.norte.tier == tier
    following = SiteVisit.objects.get(reported_at=None)
    assert (following.kind, following.due_date) == ("revalidation", today + timedelta(days=4 * 365))
    assert "A gap in the fence." in people.browser("vera").get("/portal/standing/").content.decode()
    assert "has its report already" in officer.post(page, report).content.decode()


def test_a_failed_visit_suspends(people: People) -> None:
    today = timezone.now().date()
    visit = SiteVisit.objects.create(carrier=people.norte, kind="validation", due_date=today)
    standing.report_visit(
        visit=visit,
        visited_date=today,
        outcome="failed",
        report="No fence.",
        findings=[],
        by=people.olga.actor,
        at=timezone.now(),
    )
    people.norte.refresh_from_db()
    assert people.norte.state == "suspended"
    assert SiteVisit.objects.get(reported_at=None).due_date == today + timedelta(days=365)
