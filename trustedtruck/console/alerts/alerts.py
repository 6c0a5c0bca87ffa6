"""Alerts: the list, one alert with its hits, feedback and copies; issued and amended here."""

import uuid
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from trustedtruck.accounts.can import user_can
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.alerts.models import Alert, Category, Release
from trustedtruck.alerts.queries.visible import feedback_for, hits_for, seen, visible
from trustedtruck.alerts.services import alerts as services
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
from trustedtruck.pages.lists import page_of
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
    page = page_of(request, rows.order_by("-changed_at"), PER_PAGE)
    people = user_can(officer, Permission.PERSON_READ)
    shown = [seen(alert, whole=True, people=people) for alert in page]
    if named := [one.alert.public_id for one in shown if one.names]:
        note_view(subject_kind="alert", subjects=named, by=officer.actor)
    context = {
        "page": page,
        "seen": shown,
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
    return show(request, officer, "console/alerts/write.html", context)


@require_safe
@never_cache
@officer_page(Permission.ALERT_READ)
def alert(request: HttpRequest, officer: User, alert_id: uuid.UUID) -> HttpResponse:
    return show_alert(request, officer, alert_or_404(officer, alert_id))


def alert_or_404(officer: User, alert_id: uuid.UUID) -> Alert:
    return get_object_or_404(visible(officer).select_related("owner"), public_id=alert_id)


def own_or_404(officer: User, alert_id: uuid.UUID) -> Alert:
    """Only the agency whose alert it is changes it."""
    return get_object_or_404(Alert, public_id=alert_id, owner=officer.agency_id)


def show_alert(
    request: HttpRequest, officer: User, found: Alert, **wrong: ServiceForm
) -> HttpResponse:
    """The page of an alert that the officer may see whole, and on record who saw it.

    `wrong` is the form that was refused, by its name.
    """
    with transaction.atomic():
        audit.record(
            "alert.viewed", by=officer.actor, subject_kind="alert", subject_id=found.public_id
        )
    people = user_can(officer, Permission.PERSON_READ)
    context: dict[str, Any] = {
        "seen": seen(found, whole=True, people=people),
        "alert": found,
        "own": found.owner_id == officer.agency_id,
        "hits": hits_for(officer).filter(alert=found).order_by("-at")[:50],
        "feedback": feedback_for(officer).filter(alert=found).order_by("sent_at"),
        "releases": Release.objects.filter(alert=found).select_related("partner__agency"),
        "end_form": EndForm(auto_id="end_%s"),
        "review_form": ReviewForm(auto_id="review_%s"),
        "renew_form": RenewForm(auto_id="renew_%s"),
        "feedback_form": FeedbackForm(auto_id="feedback_%s"),
        "seizure_form": SeizureForm(auto_id="seizure_%s", initial={"category": found.category}),
    }
    return show(request, officer, "console/alerts/alert.html", context | wrong)


@require_http_methods(["GET", "POST"])
@officer_page(Permission.ALERT_WRITE)
def amend(request: HttpRequest, officer: User, alert_id: uuid.UUID) -> HttpResponse:
    found = own_or_404(officer, alert_id)
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
    return show(request, officer, "console/alerts/write.html", context)
