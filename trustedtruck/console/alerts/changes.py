"""What is done on an alert's page: its end, its review, answers to it."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.alerts.models import Alert, Release
from trustedtruck.alerts.queries.visible import feedback_for, hits_for, visible
from trustedtruck.alerts.services import alerts as services
from trustedtruck.alerts.services.messages import give_feedback, report_seizure
from trustedtruck.alerts.services.release import recall
from trustedtruck.console.access import agency_of, officer_page
from trustedtruck.console.alerts.alerts import alert_or_404, own_or_404, show_alert
from trustedtruck.console.alerts.forms import (
    EndForm,
    FeedbackForm,
    RenewForm,
    ReviewForm,
    SeizureForm,
)
from trustedtruck.pages.forms import ServiceForm
from trustedtruck.pages.outcome import carried_out


@require_POST
@officer_page(Permission.ALERT_WRITE)
def withdraw(request: HttpRequest, officer: User, alert_id: uuid.UUID) -> HttpResponse:
    found = own_or_404(officer, alert_id)
    form = EndForm(request.POST, auto_id="end_%s")
    return _change(
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
    found = own_or_404(officer, alert_id)
    form = ReviewForm(request.POST, auto_id="review_%s")
    return _change(
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
    found = own_or_404(officer, alert_id)
    form = RenewForm(request.POST, auto_id="renew_%s")
    return _change(
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
    found = alert_or_404(officer, alert_id)
    form = FeedbackForm(request.POST, auto_id="feedback_%s")
    hit = None
    if request.POST.get("hit"):
        hit = hits_for(officer).filter(alert=found, public_id=_uuid(request.POST["hit"])).first()
        if hit is None:
            raise Http404
    return _change(
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
    rows = feedback_for(officer).select_related("alert").filter(alert__in=visible(officer))
    answered = get_object_or_404(rows, public_id=feedback_id)
    form = SeizureForm(request.POST, auto_id="seizure_%s")
    port = answered.hit.port_code if answered.hit else ""
    return _change(
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


def _change(
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
    return show_alert(request, officer, found, **{name: form})


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None
