"""Crossings with every decision and its reasons in plain words, and the appeal against one."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lanes.models import ArchivedArrival, Assignment, Route
from lanes.queries.archive import Crossings, archived
from lanes.queries.overrides import Standing, overrides_in_force, standing_of
from lanes.reasons import for_carriers, own_words, reason_text
from trustedtruck.carriers.models import Appeal
from trustedtruck.carriers.permissions import check_user_can_appeal
from trustedtruck.carriers.services import standing
from trustedtruck.pages.lists import page_of
from trustedtruck.pages.outcome import carried_out
from trustedtruck.portal.access import Member, member_page
from trustedtruck.portal.forms.standing import AppealForm
from trustedtruck.portal.pages.common import show
from trustedtruck.portal.queries import overview


@require_safe
@member_page()
def rows(request: HttpRequest, member: Member) -> HttpResponse:
    found = Assignment.objects.filter(carrier=member.carrier)
    past = ArchivedArrival.objects.filter(carrier_id=member.carrier.pk)
    route = request.GET.get("route", "")
    if route in ("fast", "inspection"):
        found, past = found.filter(route=route), past.filter(route=route)
    found = found.select_related("port", "lane", "truck", "driver").defer("facts")
    page = page_of(request, Crossings(found, past))
    overridden = overrides_in_force(row.pk for row in page.object_list)
    entries = [
        (
            row,
            [reason_text(code) for code in for_carriers(row.reasons)],
            overridden.get(row.pk),
        )
        for row in page.object_list
    ]
    return show(
        request,
        member,
        "crossings.html",
        page=page,
        entries=entries,
        route=route,
        figures=overview.figures(member.carrier),
    )


@member_page(writes=check_user_can_appeal)
def one(request: HttpRequest, member: Member, arrival_id: uuid.UUID) -> HttpResponse:
    """One decision, and the appeal against it."""
    rows = Assignment.objects.select_related("port", "lane", "truck", "driver", "arrival")
    row, past = rows.filter(carrier=member.carrier, pk=arrival_id).first(), None
    if row is None and (past := archived(arrival_id, carrier_id=member.carrier.pk)):
        row = past.assignment
    if row is None:
        raise Http404
    standing_now = standing_of(row, past)
    form = AppealForm(request.POST or None)
    filed = carried_out(
        request,
        form,
        lambda: standing.file_appeal(
            carrier=member.carrier,
            against=Appeal.Against.CROSSING,
            subject_id=str(row.pk),
            contested_by=_who_decided(row, standing_now),
            text=form.cleaned_data["text"],
            by=member.actor,
            at=timezone.now(),
        ),
        _("Your appeal is filed. An officer will look at it."),
    )
    if filed is not None:
        return redirect("portal:crossing", arrival_id=arrival_id)
    appeal = Appeal.objects.filter(
        carrier=member.carrier, against=Appeal.Against.CROSSING, subject_id=str(row.pk)
    ).first()
    return show(
        request,
        member,
        "crossing.html",
        row=row,
        now=standing_now,
        now_route=Route(standing_now.route).label,
        moved=(standing_now.route, standing_now.lane) != (row.route, row.lane),
        reasons=[(code, reason_text(code)) for code in for_carriers(row.reasons)],
        steps=[
            (step, own_words(step.override.reason) if step.override else "")
            for step in standing_now.steps
        ],
        passages=past.passages if past else row.arrival.passages.order_by("at"),
        appeal=appeal,
        form=form,
    )


def _who_decided(row: Assignment, standing_now: Standing) -> str:
    """Who sent the truck where it had to go: the officer of the last order, else the system."""
    orders = [step.override for step in standing_now.steps if step.override]
    effective = [order for order in orders if order.effective_at]
    return effective[-1].requested_by if effective else f"system:{row.decided_by}"
