"""Alerts: the list, one alert with its hits, feedback and copies, and everything done to it."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trustedtruck.accounts.can import user_can
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.alerts.models import Alert, Category, Feedback, Release
from trustedtruck.alerts.queries.visible import hits_for, seen_by, visible
from trustedtruck.alerts.services import alerts as services
from trustedtruck.alerts.services.messages import give_feedback, report_seizure
from trustedtruck.alerts.services.release import recall
from trustedtruck.alerts.states import AlertState
from trustedtruck.audit import services as audit
from trustedtruck.audit.views_of_people import note_view
from trustedtruck.console.access import agency_of, officer_page
from trustedtruck.console.alerts.forms import (
    AlertForm,
    EndForm,
    FeedbackForm,
    RenewForm,
    ReviewForm,
    SeizureForm,
)
from trustedtruck.console.pages.base import show
from trustedtruck.pages.forms import ServiceForm
from trustedtruck.pages.outcome import carried_out

PER_PAGE = 25


@require_safe
@officer_page(Permission.ALERT_READ)
def alerts(request: HttpRequest, officer: User) -> HttpResponse:
    rows = visible(officer).select_related("owner").prefetch_related("criteria")
    state, category = request.GET.get("state", "active"), request.GET.get("category", "")
    if state in AlertState.values:
        rows = rows.filter(state=state)
    if category in Category.values:
        rows = rows.filter(category=category)
    page = Paginator(rows.order_by("-changed_at"), PER_PAGE).get_page(request.GET.get("page"))
    people = user_can(officer, Permission.PERSON_READ)
    seen = [seen_by(alert, officer, people=people) for alert in page]
    if named := [one.alert.public_id for one in seen if one.names]:
        note_view(subject_kind="alert", subjects=named, by=officer.actor)
    context = {
        "page": page,
        "seen": seen,
        "states": AlertState.choices,
        "categories": Category.choices,
        "state": state,
        "category": category,
    }
    return show(request, officer, "console/alerts/list.html", context)


@require_http_methods(["GET", "POST"])
@officer_page(Permission.ALERT_WRITE)
def issue(request: HttpRequest, officer: User) -> HttpResponse:
    """A new alert of the officer's own agency."""
    form = AlertForm(request.POST or None)
    made = carried_out(
        request,
        form,
        lambda: services.issue_alert(
            draft=form.draft(), owner=agency_of(officer), by=officer.actor, at=timezone.now()
        ),
        _("The alert is in force."),
    )
    if made is not None:
        return redirect("console:alert", made.public_id)
    context = {"form": form, "title": _("Issue an alert")}
    return show(
        request,
        officer,
        "console/alerts/write.html",
        context,
        status=400 if form.errors else 200,
    )


@require_safe
@never_cache
@officer_page(Permission.ALERT_READ)
def alert(request: HttpRequest, officer: User, alert_id: uuid.UUID) -> HttpResponse:
    return _show(request, officer, _alert(officer, alert_id))


def _alert(officer: User, alert_id: uuid.UUID) -> Alert:
    return get_object_or_404(visible(officer).select_related("owner"), public_id=alert_id)


def _own(officer: User, alert_id: uuid.UUID) -> Alert:
    """Only the agency whose alert it is changes it."""
    return get_object_or_404(Alert, public_id=alert_id, owner=officer.agency_id)


def _show(request: HttpRequest, officer: User, found: Alert, **wrong: ServiceForm) -> HttpResponse:
    with transaction.atomic():
        audit.record(
            "alert.viewed", by=officer.actor, subject_kind="alert", subject_id=found.public_id
        )
    feedback = found.feedback.select_related("agency", "hit").prefetch_related("seizures__agency")
    context: dict[str, Any] = {
        "seen": seen_by(found, officer, people=user_can(officer, Permission.PERSON_READ)),
        "alert": found,
        "own": found.owner_id == officer.agency_id,
        "hits": hits_for(officer).filter(alert=found).order_by("-at")[:50],
        "feedback": feedback.order_by("sent_at"),
        "releases": Release.objects.filter(alert=found).select_related("partner__agency"),
        "end_form": EndForm(auto_id="end_%s"),
        "review_form": ReviewForm(auto_id="review_%s"),
        "renew_form": RenewForm(auto_id="renew_%s"),
        "feedback_form": FeedbackForm(auto_id="feedback_%s"),
        "seizure_form": SeizureForm(auto_id="seizure_%s", initial={"category": found.category}),
    }
    return show(
        request,
        officer,
        "console/alerts/alert.html",
        context | wrong,
        status=400 if wrong else 200,
    )


@require_http_methods(["GET", "POST"])
@officer_page(Permission.ALERT_WRITE)
def amend(request: HttpRequest, officer: User, alert_id: uuid.UUID) -> HttpResponse:
    found = _own(officer, alert_id)
    form = AlertForm(request.POST or None, alert=found)
    done = carried_out(
        request,
        form,
        lambda: services.amend_alert(
            alert=found, draft=form.draft(), by=officer.actor, at=timezone.now()
        ),
        _("The alert is changed."),
    )
    if done is not None:
        return redirect("console:alert", alert_id)
    context = {"form": form, "title": _("Change the alert"), "alert": found}
    return show(
        request,
        officer,
        "console/alerts/write.html",
        context,
        status=400 if form.errors else 200,
    )


def _attempt(
    request: HttpRequest,
    officer: User,
    found: Alert,
    name: str,
    form: ServiceForm,
    service: Callable[[], object],
    said: str,
) -> HttpResponse:
    """One change from the alert's page; its refusal is shown there."""
    if carried_out(request, form, service, said) is not None:
        return redirect("console:alert", found.public_id)
    return _show(request, officer, found, **{name: form})


@require_POST
@officer_page(Permission.ALERT_WRITE)
def withdraw(request: HttpRequest, officer: User, alert_id: uuid.UUID) -> HttpResponse:
    found = _own(officer, alert_id)
    form = EndForm(request.POST, auto_id="end_%s")
    return _attempt(
        request,
        officer,
        found,
        "end_form",
        form,
        lambda: services.end_alert(
            alert=found,
            change="withdraw",
            note=form.cleaned_data["note"],
            by=officer.actor,
            at=timezone.now(),
        ),
        _("The alert is withdrawn, and recalled from whoever received it."),
    )


@require_POST
@officer_page(Permission.ALERT_WRITE)
def review(request: HttpRequest, officer: User, alert_id: uuid.UUID) -> HttpResponse:
    found = _own(officer, alert_id)
    form = ReviewForm(request.POST, auto_id="review_%s")
    return _attempt(
        request,
        officer,
        found,
        "review_form",
        form,
        lambda: services.review_alert(
            alert=found,
            review_date=form.cleaned_data["review_date"],
            by=officer.actor,
            at=timezone.now(),
        ),
        _("The alert is kept until its next review."),
    )


@require_POST
@officer_page(Permission.ALERT_WRITE)
def renew(request: HttpRequest, officer: User, alert_id: uuid.UUID) -> HttpResponse:
    """An expired alert in force again."""
    found = _own(officer, alert_id)
    form = RenewForm(request.POST, auto_id="renew_%s")
    return _attempt(
        request,
        officer,
        found,
        "renew_form",
        form,
        lambda: services.renew_alert(
            alert=found,
            valid_until=form.until(),
            review_date=form.cleaned_data["review_date"],
            note=form.cleaned_data["note"],
            by=officer.actor,
            at=timezone.now(),
        ),
        _("The alert is in force again."),
    )


@require_POST
@officer_page(Permission.ALERT_ANSWER)
def feedback(request: HttpRequest, officer: User, alert_id: uuid.UUID) -> HttpResponse:
    """What came of the warning; of one of its hits where the form names it."""
    found = _alert(officer, alert_id)
    form = FeedbackForm(request.POST, auto_id="feedback_%s")
    hit = None
    if request.POST.get("hit"):
        hit = hits_for(officer).filter(alert=found, public_id=_uuid(request.POST["hit"])).first()
        if hit is None:
            raise Http404
    return _attempt(
        request,
        officer,
        found,
        "feedback_form",
        form,
        lambda: give_feedback(
            alert=found,
            hit=hit,
            result=form.cleaned_data["result"],
            note=form.cleaned_data["note"],
            mark=form.cleaned_data["mark"],
            agency=agency_of(officer),
            by=officer.actor,
            at=timezone.now(),
        ),
        _("The feedback is sent."),
    )


@require_POST
@officer_page(Permission.ALERT_ANSWER)
def seizure(request: HttpRequest, officer: User, feedback_id: uuid.UUID) -> HttpResponse:
    answered = get_object_or_404(Feedback, public_id=feedback_id, alert__in=visible(officer))
    form = SeizureForm(request.POST, auto_id="seizure_%s")
    port = answered.hit.port_code if answered.hit else ""
    return _attempt(
        request,
        officer,
        answered.alert,
        "seizure_form",
        form,
        lambda: report_seizure(
            feedback=answered,
            taken=form.taken(port),
            mark=form.cleaned_data["mark"],
            agency=agency_of(officer),
            by=officer.actor,
            at=timezone.now(),
        ),
        _("The seizure is reported."),
    )


@require_POST
@officer_page(Permission.SHARING_WRITE)
def recall_copy(request: HttpRequest, officer: User, seq: int) -> HttpResponse:
    rows = Release.objects.select_related("alert", "agreement", "partner")
    found = get_object_or_404(rows, seq=seq, kind="warning", alert__owner=officer.agency_id)
    recall(found, by=officer.actor, at=timezone.now())
    messages.success(request, _("The copy is recalled."))
    return redirect("console:alert", found.alert.public_id)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None
