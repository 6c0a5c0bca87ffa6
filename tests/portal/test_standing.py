"""Sanctions and appeals: the harder stays, a removal ends by an appeal, the judge is another."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lanes.models import Assignment
from lanes.services.overrides import override_to_inspection
from tests.portal.conftest import People
from tests.portal.crossings import cross
from trustedtruck.carriers.models import Appeal, Application, Carrier, Measure, SiteVisit
from trustedtruck.credentials.models import Sanction
from trustedtruck.enrolment.services import standing
from trustedtruck.enrolment.tasks import end_measures

pytestmark = pytest.mark.django_db
Impose = Callable[..., str]
Judge = Callable[..., str]


@pytest.fixture
def impose(people: People) -> Impose:
    """Olga imposes a sanction on Norte by her page; `days` until it ends."""

    def act(grade: str, days: int | None = None) -> str:
        ends = (timezone.now() + timedelta(days=days)).date().isoformat() if days else ""
        values = {"grade": grade, "reasons": "A seal was missing.", "ends_date": ends}
        page = f"/console/enrolment/carriers/{people.norte.public_id}/measures/"
        return people.browser("olga").post(page, values, follow=True).content.decode()

    return act


@pytest.fixture
def judge(people: People) -> Judge:
    def act(who: str, **values: str) -> str:
        page = f"/console/enrolment/appeals/{Appeal.objects.get().public_id}/decide/"
        given = {"reasons": "True."} | values
        return people.browser(who).post(page, given, follow=True).content.decode()

    return act


def appeal(people: People, measure: Measure) -> None:
    page = f"/portal/standing/appeal/measure/{measure.public_id}/"
    people.browser("marta").post(page, {"text": "It was not our trailer."})


def state(people: People) -> str:
    return Carrier.objects.get(pk=people.norte.pk).state


def test_a_softer_sanction_does_not_take_the_place_of_a_suspension(
    people: People, impose: Impose
) -> None:
    """It would give back in a day what is given back after an accepted plan."""
    impose("suspension")
    assert "A softer sanction cannot take its place" in impose("privileges", days=1)
    assert Measure.objects.get(state="in_force").grade == "suspension"
    assert state(people) == "suspended"


def test_a_loss_of_privileges_is_prolonged_and_not_cut_short(
    people: People, impose: Impose
) -> None:
    impose("privileges", days=90)
    assert 'href="#field-ends_date"' in impose("privileges", days=30)
    assert Measure.objects.count() == 1
    impose("privileges", days=120)
    ends = Measure.objects.get(state="in_force").ends_date
    assert ends == (timezone.now() + timedelta(days=120)).date()


def test_a_removed_carrier_applies_anew_once_its_appeal_is_granted(
    people: People, impose: Impose, judge: Judge
) -> None:
    impose("removal")
    marta = people.browser("marta")
    refused = marta.post("/portal/application/reopen/", follow=True).content.decode()
    assert "has been removed from the programme" in refused
    appeal(people, Measure.objects.get())
    judge("omar", decision="grant")
    assert Measure.objects.get().state == "lifted"
    assert state(people) == "removed"
    assert "Open a new application" in marta.get("/portal/application/").content.decode()
    marta.post("/portal/application/reopen/")
    carrier = Carrier.objects.get(pk=people.norte.pk)
    assert (carrier.state, carrier.tier) == ("pre_applicant", None)
    assert Application.objects.get(carrier=carrier).state == "draft"
    # Not under another name.
    assert "Correct name" not in marta.get("/portal/company/").content.decode()
    form = marta.get("/portal/company/identity/").context["form"]
    typed = {name: str(form[name].value() or "") for name in form.fields}
    shown = marta.post("/portal/company/identity/", typed | {"legal_name": "Nadie"})
    assert "examined under this name" in shown.content.decode()


def test_a_removal_whose_appeal_is_denied_stays(
    people: People, impose: Impose, judge: Judge
) -> None:
    impose("removal")
    appeal(people, Measure.objects.get())
    judge("omar", decision="deny")
    people.browser("marta").post("/portal/application/reopen/")
    assert state(people) == "removed"
    assert not Application.objects.exists()


def test_the_tier_of_who_has_left_the_programme_does_not_change(
    people: People, impose: Impose
) -> None:
    today = timezone.now().date()
    visit = SiteVisit.objects.create(carrier=people.norte, kind="validation", due_date=today)
    impose("removal")
    report = {"visited_date": today.isoformat(), "outcome": "passed", "report": "A yard."}
    page = f"/console/enrolment/visits/{visit.public_id}/report/"
    assert "not in the programme" in people.browser("olga").post(page, report).content.decode()
    visit.refresh_from_db()
    assert visit.reported_at is None


def test_an_appeal_is_not_denied_by_an_answer_that_does_not_say_so(
    people: People, impose: Impose, judge: Judge
) -> None:
    impose("warning")
    appeal(people, Measure.objects.get())
    assert "by one of the buttons" in judge("omar")
    assert Appeal.objects.get().state == "filed"


def test_a_plan_is_not_returned_by_an_answer_that_does_not_say_so(
    people: People, impose: Impose
) -> None:
    impose("suspension")
    plan = file_plan(people.browser("marta"), Measure.objects.get())
    page = f"/console/enrolment/plans/{plan.pk}/review/"
    answer = people.browser("omar").post(page, {"reasons": "Hm."}).content.decode()
    assert "by one of the buttons" in answer
    plan.refresh_from_db()
    assert plan.state == "filed"


def file_plan(client: Client, measure: Measure) -> Any:
    values = {
        "cause": "A box was open.",
        "action_1": "New boxes",
        "due_1": (timezone.now() + timedelta(days=30)).date().isoformat(),
        "consents_to_visits": "on",
    }
    client.post(f"/portal/standing/measures/{measure.public_id}/plan/", values)
    return measure.plans.get()


def test_one_plan_is_enough(people: People, impose: Impose) -> None:
    impose("suspension")
    measure, marta = Measure.objects.get(), people.browser("marta")
    page = f"/portal/standing/measures/{measure.public_id}/plan/"
    assert page in marta.get("/portal/standing/").content.decode()
    file_plan(marta, measure)
    assert page not in marta.get("/portal/standing/").content.decode()
    file_plan(marta, measure)
    assert measure.plans.count() == 1


def test_what_was_appealed_against_is_not_offered_again(people: People, impose: Impose) -> None:
    impose("warning")
    measure, marta = Measure.objects.get(), people.browser("marta")
    page = f"/portal/standing/appeal/measure/{measure.public_id}/"
    assert page in marta.get("/portal/standing/").content.decode()
    appeal(people, measure)
    assert page not in marta.get("/portal/standing/").content.decode()


def test_the_officer_who_ordered_the_inspection_does_not_judge_the_appeal(
    people: People, judge: Judge
) -> None:
    cross([people.norte])
    decision = Assignment.objects.get()
    override_to_inspection(
        arrival_id=decision.pk,
        port_code=decision.port_id,
        reason="An alert names it.",
        by=people.olga.actor,
        at=timezone.now(),
    )
    people.browser("marta").post(f"/portal/crossings/{decision.pk}/", {"text": "Why us?"})
    assert "Another officer must judge" in judge("olga", decision="grant")
    judge("omar", decision="grant")
    assert Appeal.objects.get().state == "granted"


def test_the_judge_reads_which_crossing_is_contested_and_why_it_fell_so(people: People) -> None:
    cross([people.norte])
    page = f"/portal/crossings/{Assignment.objects.get().pk}/"
    people.browser("marta").post(page, {"text": "The seals were whole."})
    carrier = f"/console/enrolment/carriers/{people.norte.public_id}/"
    shown = people.browser("omar").get(carrier).content.decode()
    assert "World Trade Bridge, " in shown
    assert "No decision was made in time." in shown


def test_what_is_wrong_with_one_carrier_keeps_no_other_waiting(people: People) -> None:
    at = timezone.now()
    for carrier in (people.sur, people.norte):
        standing.impose(
            carrier=carrier,
            grade="privileges",
            reasons="A seal was missing.",
            ends_date=(at + timedelta(days=2)).date(),
            by=people.olga.actor,
            at=at,
        )
    Measure.objects.update(ends_date=at.date())
    Sanction.objects.filter(carrier=people.sur).delete()
    assert end_measures() == 1
    assert state(people) == "certified"


def test_the_end_of_a_privilege_falls_on_its_day_and_not_before(people: People) -> None:
    at = timezone.now()
    measure = standing.impose(
        carrier=people.norte,
        grade="privileges",
        reasons="A seal was missing.",
        ends_date=(at + timedelta(days=2)).date(),
        by=people.olga.actor,
        at=at,
    )
    standing.end_due(measure=measure, by=people.olga.actor, at=at + timedelta(days=1))
    assert state(people) == "suspended"
    standing.end_due(measure=measure, by=people.olga.actor, at=at + timedelta(days=2))
    assert state(people) == "certified"
