"""The application: saving, second tabs, deadlines, submission, questions, another try."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from tests.people import log_in, make_member, make_officer
from tests.portal.conftest import PROFILE, Newcomer
from trustedtruck.accounts import notify
from trustedtruck.accounts.roles import Role
from trustedtruck.audit.actors import system
from trustedtruck.carriers.criteria import criteria_of
from trustedtruck.carriers.models import Answer, Application, Notice, Profile
from trustedtruck.carriers.services import deadlines, enrolment
from trustedtruck.carriers.services.answers import save_answers
from trustedtruck.carriers.services.profile import save_profile
from trustedtruck.core.errors import Refused
from trustedtruck.enrolment.services import review

pytestmark = pytest.mark.django_db
BEAT = system("beat")
PAGE = "/portal/application/1/"


def answer(status: str = "met", text: str = "Each year.", version: int = 0) -> dict[str, str]:
    return {
        "status_US-1.1": status,
        "text_US-1.1": text,
        "version_US-1.1": str(version),
        **{f"version_US-1.{n}": "0" for n in range(2, 5)},
    }


def test_an_answer_is_saved_and_counted(newcomer: Newcomer) -> None:
    shown = newcomer.client.post(PAGE, answer(), follow=True).content.decode()
    assert "1 of 48" in shown
    assert Answer.objects.get().changed_by == str(newcomer.user.actor)


def test_a_text_without_a_choice_is_not_lost(newcomer: Newcomer) -> None:
    shown = newcomer.client.post(PAGE, answer(status="", text="Half a thought")).content.decode()
    assert "Choose one of the answers." in shown
    assert "Half a thought" in shown


def test_a_second_tab_overwrites_nothing_and_loses_nothing(newcomer: Newcomer) -> None:
    newcomer.client.post(PAGE, answer(text="From the first tab"))
    shown = newcomer.client.post(PAGE, answer(text="From the second tab")).content.decode()
    assert Answer.objects.get().text == "From the first tab"
    assert "saved this in the meantime" in shown
    assert "From the first tab" in shown
    assert "From the second tab" in shown
    assert 'name="version_US-1.1" value="1"' in shown
    newcomer.client.post(PAGE, answer(text="From the second tab", version=1))
    assert Answer.objects.get().text == "From the second tab"


def test_the_same_answer_twice_is_no_conflict(newcomer: Newcomer) -> None:
    newcomer.client.post(PAGE, answer())
    assert newcomer.client.post(PAGE, answer()).status_code == 302


def test_a_stale_profile_overwrites_nothing(newcomer: Newcomer) -> None:
    newcomer.client.post("/portal/company/", PROFILE)
    typed = PROFILE | {"city": "Eagle Pass"}
    shown = newcomer.client.post("/portal/company/", typed).content.decode()
    assert "saved this in the meantime" in shown
    assert "Eagle Pass" in shown
    assert "Laredo" in shown
    assert Profile.objects.get().city == "Laredo"
    newcomer.client.post("/portal/company/", typed | {"version": "1"})
    assert Profile.objects.get().city == "Eagle Pass"


def test_every_wrong_field_of_a_profile_is_named(newcomer: Newcomer) -> None:
    wrong = PROFILE | {"city": "", "contact_email": "nobody", "phone": ""}
    shown = newcomer.client.post("/portal/company/", wrong).content.decode()
    for field in ("city", "contact_email", "phone"):
        assert f'href="#field-{field}"' in shown
    assert 'value="nobody"' in shown


def test_a_wrong_tax_number_is_refused_beside_its_field(newcomer: Newcomer) -> None:
    shown = newcomer.client.post("/portal/company/", PROFILE | {"tax_id": "12"}).content.decode()
    assert 'href="#field-tax_id"' in shown


def test_an_incomplete_application_is_not_submitted(newcomer: Newcomer) -> None:
    shown = newcomer.client.post("/portal/application/submit/", follow=True).content.decode()
    assert "49 points are still missing" in shown
    assert "The company profile is not filled in." in shown
    newcomer.application.refresh_from_db()
    assert newcomer.application.state == "draft"


def test_what_is_missing_leads_to_where_it_is_given(newcomer: Newcomer) -> None:
    shown = newcomer.client.get("/portal/application/").content.decode()
    assert 'href="/portal/application/12/#c-US-12.4"' in shown
    # Once for each category, not once for each criterion.
    assert shown.count("There is no answer yet.") == 12
    assert 'id="c-US-12.4"' in newcomer.client.get("/portal/application/12/").content.decode()


def test_where_evidence_is_required_it_is_not_called_optional(newcomer: Newcomer) -> None:
    shown = newcomer.client.get("/portal/application/1/").content.decode()
    label, _end, _rest = shown.partition("Evidence for US-1.1")[2].partition("</label>")
    assert "optional" not in label
    assert "optional" in shown.partition("Evidence for US-1.2")[2].partition("</label>")[0]


def test_spanish_writes_its_months_in_small_letters(newcomer: Newcomer) -> None:
    newcomer.application.profile_due_at = datetime(2026, 12, 28, tzinfo=UTC)
    newcomer.application.save(update_fields=["profile_due_at"])
    assert "28 Dec 2026" in newcomer.client.get("/portal/").content.decode()
    newcomer.client.cookies["django_language"] = "es"
    assert "28 dic 2026" in newcomer.client.get("/portal/").content.decode()


def complete(newcomer: Newcomer) -> None:
    at, by = timezone.now(), newcomer.user.actor
    save_profile(
        carrier=newcomer.carrier,
        values={k: v for k, v in PROFILE.items() if k != "version"},
        version=0,
        by=by,
        at=at,
    )
    criteria = criteria_of(newcomer.application).by_id.values()
    # What is not met needs no evidence, only words.
    given = {c.id: ("planned" if c.evidence_required else "met", "Words.", 0) for c in criteria}
    save_answers(application=newcomer.application, answers=given, by=by, at=at)


def test_a_complete_one_is_submitted_and_then_with_the_officers(newcomer: Newcomer) -> None:
    complete(newcomer)
    newcomer.client.post("/portal/application/submit/")
    newcomer.application.refresh_from_db()
    assert newcomer.application.state == "submitted"
    assert newcomer.application.answer_due_at is not None
    shown = newcomer.client.post(PAGE, answer(text="Too late", version=1)).content.decode()
    assert "with the officers now" in shown
    again = newcomer.client.post("/portal/application/submit/", follow=True).content.decode()
    assert "is not possible from there" in again


def test_evidence_is_required_where_the_criterion_says_so(newcomer: Newcomer) -> None:
    complete(newcomer)
    newcomer.client.post(PAGE, answer(version=1))
    shown = newcomer.client.get("/portal/application/").content.decode()
    assert "Evidence is required here" in shown


def test_after_the_deadline_it_cannot_be_submitted(newcomer: Newcomer) -> None:
    complete(newcomer)
    Application.objects.update(profile_due_at=timezone.now() - timedelta(days=2))
    shown = newcomer.client.post("/portal/application/submit/", follow=True).content.decode()
    assert "The deadline has passed" in shown


def test_the_day_that_was_named_counts_whole(newcomer: Newcomer) -> None:
    """“By 28 Dec” is all of that day, in Tijuana too, and not until the hour of the opening."""
    due = datetime(2026, 12, 28, 10, tzinfo=UTC)
    Application.objects.update(profile_due_at=due)
    last_minute = datetime(2026, 12, 29, 7, 59, tzinfo=UTC)
    assert deadlines.watch(by=BEAT, at=last_minute)["lapsed"] == 0
    complete(newcomer)
    application = Application.objects.get()
    over = last_minute + timedelta(minutes=1)
    with pytest.raises(Refused, match="deadline_passed"):
        enrolment.submit(application=application, by=newcomer.user.actor, at=over)
    enrolment.submit(application=application, by=newcomer.user.actor, at=last_minute)


def test_beat_reminds_then_lapses_and_one_may_begin_anew(newcomer: Newcomer) -> None:
    due = newcomer.application.profile_due_at
    soon = deadlines.watch(by=BEAT, at=due - timedelta(days=3))
    assert (soon["reminded"], soon["lapsed"]) == (1, 0)
    assert deadlines.watch(by=BEAT, at=due - timedelta(days=2))["reminded"] == 0
    assert deadlines.watch(by=BEAT, at=due)["lapsed"] == 0
    assert deadlines.watch(by=BEAT, at=due + timedelta(days=2))["lapsed"] == 1
    newcomer.application.refresh_from_db()
    assert newcomer.application.state == "lapsed"
    assert {"profile_due_soon", "application_lapsed"} <= set(
        Notice.objects.values_list("code", flat=True)
    )
    newcomer.client.post("/portal/application/reopen/")
    assert Application.objects.filter(state="draft").count() == 1
    refused = newcomer.client.post("/portal/application/reopen/", follow=True).content.decode()
    assert Application.objects.filter(state="draft").count() == 1
    assert "has an open application already" in refused


def test_an_answer_that_is_late_is_told_once_to_carrier_and_supervisor(newcomer: Newcomer) -> None:
    complete(newcomer)
    newcomer.client.post("/portal/application/submit/")
    make_officer("Silvia", Role.SUPERVISOR)
    late = timezone.now() + timedelta(days=91)
    assert deadlines.watch(by=BEAT, at=late)["overdue"] == 1
    assert deadlines.watch(by=BEAT, at=late)["overdue"] == 0
    notify.mail_due(at=late)
    (message,) = [one for one in mail.outbox if one.to == ["silvia@example.org"]]
    assert str(newcomer.application.public_id) in message.body


def test_an_officer_asks_and_the_carrier_answers(newcomer: Newcomer) -> None:
    complete(newcomer)
    newcomer.client.post("/portal/application/submit/")
    olga = make_officer("Olga")
    request = review.ask(
        application=newcomer.application, text="Which yard?", by=olga.actor, at=timezone.now()
    )
    shown = newcomer.client.get("/portal/application/").content.decode()
    assert "Which yard?" in shown
    page = f"/portal/application/information/{request.pk}/"
    assert "This field is required" in newcomer.client.post(page, {"answer": " "}).content.decode()
    assert newcomer.client.post(PAGE, answer(text="Clearer", version=1)).status_code == 302
    assert newcomer.client.post(page, {"answer": "The one in Laredo."}).status_code == 302
    newcomer.application.refresh_from_db()
    assert newcomer.application.state == "submitted"
    assert newcomer.client.post(page, {"answer": "Twice"}).status_code == 404


def test_a_category_that_is_not_there(newcomer: Newcomer) -> None:
    assert newcomer.client.get("/portal/application/13/").status_code == 404


def test_a_viewer_reads_the_answers_but_has_no_form(newcomer: Newcomer) -> None:
    newcomer.client.post(PAGE, answer(text="For all to read"))
    viewer = log_in(make_member("Vera", newcomer.carrier, "viewer").user)
    shown = viewer.get(PAGE).content.decode()
    assert "We do this." in shown
    assert "For all to read" in shown
    assert 'name="text_US-1.1"' not in shown


def test_the_criteria_are_in_the_readers_language(newcomer: Newcomer) -> None:
    newcomer.client.cookies["django_language"] = "es"
    assert "La alta dirección firma" in newcomer.client.get(PAGE).content.decode()
