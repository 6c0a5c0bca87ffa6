"""Hits: what alerts met, to be confirmed, dismissed or answered; and patterns worth a look."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from trustedtruck.accounts.can import user_can
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.alerts.models import Finding, Hit
from trustedtruck.alerts.queries.visible import PERSONS, hits_for, may_judge, visible
from trustedtruck.alerts.services.findings import judge_finding
from trustedtruck.alerts.services.hits import confirm_hit, dismiss_hit
from trustedtruck.alerts.states import FindingState, HitState
from trustedtruck.audit.views_of_people import note_view
from trustedtruck.console.access import officer_page
from trustedtruck.console.alerts.access import own_officer_page
from trustedtruck.console.alerts.forms import DismissForm, ExplainForm
from trustedtruck.console.pages.base import show
from trustedtruck.pages.forms import RefusedRow, form_of_row
from trustedtruck.pages.lists import page_of
from trustedtruck.pages.outcome import carried_out, tried

PER_PAGE = 25


@require_safe
@never_cache
@officer_page(Permission.ALERT_READ)
def hits(request: HttpRequest, officer: User) -> HttpResponse:
    return _hits(request, officer)


def _hits(request: HttpRequest, officer: User, wrong: RefusedRow | None = None) -> HttpResponse:
    state = request.GET.get("state", "")
    rows = hits_for(officer)
    rows = rows.filter(state=state) if state in HitState.values else rows
    page = page_of(request, rows.order_by("-at"), PER_PAGE)
    met = visible(officer).filter(pk__in={hit.alert_id for hit in page})
    readable = set(met.values_list("pk", flat=True))
    if user_can(officer, Permission.PERSON_READ):
        named = [hit.public_id for hit in page if hit.alert_id in readable and _names(hit)]
        note_view(subject_kind="alert_hit", subjects=named, by=officer.actor)
    context = {
        "page": page,
        "readable": readable,
        "entries": [
            (
                hit,
                form_of_row(hit.pk, DismissForm(auto_id=f"h{hit.pk}_%s"), wrong),
                may_judge(hit, officer),
            )
            for hit in page
        ],
        "refused": [wrong[1]] if wrong else [],
        "states": HitState.choices,
        "state": state,
    }
    return show(request, officer, "console/alerts/hits.html", context)


def _names(hit: Hit) -> bool:
    return any(kind in PERSONS for kind, _value in hit.matched or ())


@require_POST
@officer_page(Permission.ALERT_ANSWER)
def judge(request: HttpRequest, officer: User, hit_id: uuid.UUID, change: str) -> HttpResponse:
    """`confirm` or `dismiss`."""
    hit = get_object_or_404(hits_for(officer), public_id=hit_id)
    at, by = timezone.now(), officer.actor
    if change == "confirm":
        tried(request, lambda: confirm_hit(hit=hit, by=by, at=at), _("The hit is confirmed."))
        return redirect("console:hits")
    if change != "dismiss":
        raise Http404
    form = DismissForm(request.POST, auto_id=f"h{hit.pk}_%s")
    done = carried_out(
        request,
        form,
        lambda: dismiss_hit(hit=hit, note=form.cleaned_data["note"], by=by, at=at),
        _("The hit is dismissed, and will not be found again."),
    )
    return redirect("console:hits") if done is not None else _hits(request, officer, (hit.pk, form))


@require_safe
@own_officer_page(Permission.ALERT_READ)
def patterns(request: HttpRequest, officer: User) -> HttpResponse:
    """With their evidence: a reason to look, never a verdict. No agreement gives them away."""
    return _patterns(request, officer)


def _patterns(request: HttpRequest, officer: User, wrong: RefusedRow | None = None) -> HttpResponse:
    rows = Finding.objects.exclude(state=FindingState.CLOSED).order_by("-found_at")
    page = page_of(request, rows, PER_PAGE)
    entries = [
        (one, form_of_row(one.pk, ExplainForm(auto_id=f"f{one.pk}_%s"), wrong)) for one in page
    ]
    context = {"page": page, "entries": entries, "refused": [wrong[1]] if wrong else []}
    return show(request, officer, "console/alerts/patterns.html", context)


@require_POST
@own_officer_page(Permission.ALERT_WRITE)
def judge_pattern(
    request: HttpRequest, officer: User, finding_id: uuid.UUID, change: str
) -> HttpResponse:
    """`follow` or `close`."""
    found = get_object_or_404(Finding, public_id=finding_id)
    at, by = timezone.now(), officer.actor
    if change == "follow":
        tried(
            request,
            lambda: judge_finding(finding=found, change=change, note="", by=by, at=at),
            _("Noted."),
        )
        return redirect("console:patterns")
    if change != "close":
        raise Http404
    form = ExplainForm(request.POST, auto_id=f"f{found.pk}_%s")
    done = carried_out(
        request,
        form,
        lambda: judge_finding(
            finding=found, change=change, note=form.cleaned_data["note"], by=by, at=at
        ),
        _("Noted."),
    )
    if done is not None:
        return redirect("console:patterns")
    return _patterns(request, officer, (found.pk, form))
