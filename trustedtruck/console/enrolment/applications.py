"""Applications, from the list to the decision of a second officer."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.audit.views_of_people import note_view
from trustedtruck.carriers.criteria import criteria_of
from trustedtruck.carriers.models import (
    Appeal,
    Application,
    CorrectivePlan,
    Evidence,
    Profile,
)
from trustedtruck.carriers.services.evidence import path_of
from trustedtruck.carriers.services.stored import as_download
from trustedtruck.carriers.states import ApplicationState
from trustedtruck.console.access import officer_page
from trustedtruck.console.enrolment.forms import AdviceForm, AskForm, ReasonsForm
from trustedtruck.console.pages.base import show
from trustedtruck.enrolment.services import review, vetting
from trustedtruck.enrolment.vetting.checks import CHECKS
from trustedtruck.pages.forms import ServiceForm
from trustedtruck.pages.lists import page_of
from trustedtruck.pages.outcome import carried_out

_OPEN = (ApplicationState.SUBMITTED, ApplicationState.ADVISED, ApplicationState.INFORMATION)


@require_safe
@officer_page(Permission.ENROLMENT_READ)
def applications(request: HttpRequest, officer: User) -> HttpResponse:
    """What waits for an officer first, the longest waiting on top."""
    rows = Application.objects.select_related("carrier")
    show_all = "all" in request.GET
    rows = rows.exclude(state="draft") if show_all else rows.filter(state__in=_OPEN)
    page = page_of(request, rows.order_by("submitted_at", "pk"))
    appeals = Appeal.objects.filter(state="filed").select_related("carrier").order_by("filed_at")
    plans = CorrectivePlan.objects.filter(state="filed").select_related("measure__carrier")
    return show(
        request,
        officer,
        "console/enrolment/applications.html",
        {"page": page, "show_all": show_all, "appeals": appeals[:50], "plans": plans[:50]},
    )


@require_safe
@officer_page(Permission.ENROLMENT_READ)
def application(request: HttpRequest, officer: User, public_id: uuid.UUID) -> HttpResponse:
    """Everything about one application: answers, evidence, checks, what was asked, what is next."""
    return _application(request, officer, public_id)


def _application(
    request: HttpRequest, officer: User, public_id: uuid.UUID, **forms: ServiceForm
) -> HttpResponse:
    rows = Application.objects.select_related("carrier")
    found = get_object_or_404(rows.exclude(state="draft"), public_id=public_id)
    # The page names the carrier's contact.
    note_view(subject_kind="carrier", subjects=[found.carrier_id], by=officer.actor)
    answers = {answer.criterion: answer for answer in found.answers.all()}
    evidence: dict[str, list[Evidence]] = {}
    for file in found.evidence.all():
        evidence.setdefault(file.criterion, []).append(file)
    checks = [
        (
            CHECKS[check.code][1] if check.code in CHECKS else check.code,
            check,
            _words(check.findings),
        )
        for check in found.checks.order_by("pk")
    ]
    context = {
        "application": found,
        "refused": list(forms.values()),
        "profile": Profile.objects.filter(carrier=found.carrier).first(),
        "sections": [
            (c, [(k, answers.get(k.id), evidence.get(k.id, [])) for k in c.criteria])
            for c in criteria_of(found).categories
        ],
        "checks": checks,
        "unfinished": vetting.lacking(found),
        "requests": found.requests.order_by("pk"),
        "can_review": review.user_can_review(officer),
        "can_decide": review.user_can_decide(officer, found),
        "ask_form": forms.get("ask_form", AskForm()),
        "advice_form": forms.get("advice_form", AdviceForm()),
        "decision_form": forms.get("decision_form", ReasonsForm(auto_id="decide_%s")),
    }
    return show(request, officer, "console/enrolment/application.html", context)


def _words(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**f, "words": _(f["text"]) % f["params"]} for f in findings]


@require_POST
@officer_page(Permission.ENROLMENT_WRITE)
def ask(request: HttpRequest, officer: User, public_id: uuid.UUID) -> HttpResponse:
    form = AskForm(request.POST)
    found = get_object_or_404(Application, public_id=public_id)
    done = carried_out(
        request,
        form,
        lambda: review.ask(
            application=found,
            text=form.cleaned_data["text"],
            by=officer.actor,
            at=timezone.now(),
        ),
        _("The carrier has been asked."),
    )
    if done is not None:
        return redirect("enrolment:application", public_id=public_id)
    return _application(request, officer, public_id, ask_form=form)


@require_POST
@officer_page(Permission.ENROLMENT_WRITE)
def advise(request: HttpRequest, officer: User, public_id: uuid.UUID) -> HttpResponse:
    form = AdviceForm(request.POST)
    found = get_object_or_404(Application, public_id=public_id)
    done = carried_out(
        request,
        form,
        lambda: review.advise(
            application=found,
            advice=form.cleaned_data["advice"],
            reasons=form.cleaned_data["reasons"],
            by=officer.actor,
            at=timezone.now(),
        ),
        _("Your advice is on record. Another officer decides."),
    )
    if done is not None:
        return redirect("enrolment:application", public_id=public_id)
    return _application(request, officer, public_id, advice_form=form)


_DECISIONS: dict[str, Callable[..., Application]] = {
    "approve": review.approve,
    "reject": review.reject,
    "send_back": review.send_back,
}


@require_POST
@officer_page(Permission.ENROLMENT_WRITE)
def decide(request: HttpRequest, officer: User, public_id: uuid.UUID) -> HttpResponse:
    """The second officer approves, rejects or sends back."""
    form = ReasonsForm(request.POST, decisions=_DECISIONS, auto_id="decide_%s")
    found = get_object_or_404(Application, public_id=public_id)
    done = carried_out(
        request,
        form,
        lambda: _DECISIONS[form.decision](
            application=found,
            reasons=form.cleaned_data["reasons"],
            by=officer.actor,
            at=timezone.now(),
        ),
        _("The decision is on record."),
    )
    if done is not None:
        return redirect("enrolment:application", public_id=public_id)
    return _application(request, officer, public_id, decision_form=form)


@require_safe
@officer_page(Permission.ENROLMENT_READ)
def evidence(request: HttpRequest, officer: User, public_id: uuid.UUID) -> HttpResponseBase:
    """A file, once its application has been submitted."""
    rows = Evidence.objects.exclude(application__state="draft")
    found = get_object_or_404(rows, public_id=public_id)
    return as_download(path_of(found), name=found.name, media_type=found.media_type)
