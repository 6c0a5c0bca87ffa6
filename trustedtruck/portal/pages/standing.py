"""Tier, visits, sanctions, corrective plans, appeals."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from trustedtruck.carriers.models import (
    Appeal,
    Application,
    CorrectiveAction,
    Measure,
    SiteVisit,
)
from trustedtruck.carriers.permissions import (
    check_user_can_appeal,
    check_user_can_manage_company,
)
from trustedtruck.carriers.services import standing
from trustedtruck.carriers.states import MeasureState, PlanState
from trustedtruck.pages.outcome import carried_out
from trustedtruck.portal.access import Member, member_page
from trustedtruck.portal.forms.standing import AppealForm, PlanForm
from trustedtruck.portal.pages.common import own, show


@require_safe
@member_page()
def overview(request: HttpRequest, member: Member) -> HttpResponse:
    carrier = member.carrier
    measures = Measure.objects.filter(carrier=carrier).order_by("-imposed_at")
    appeals = Appeal.objects.filter(carrier=carrier).order_by("-filed_at")
    appealed = {appeal.subject_id for appeal in appeals}
    rejected = Application.objects.filter(carrier=carrier, state="rejected")
    return show(
        request,
        member,
        "standing.html",
        visits=SiteVisit.objects.filter(carrier=carrier).order_by("-due_date"),
        measures=[
            (row, _takes_a_plan(row), str(row.public_id) not in appealed)
            for row in measures.prefetch_related("plans__actions")
        ],
        appeals=appeals,
        rejected=[
            (row, str(row.public_id) not in appealed) for row in rejected.order_by("-decided_at")
        ],
    )


def _takes_a_plan(measure: Measure) -> bool:
    """A removal ends by no plan, and one that is filed or accepted is enough."""
    open_plans = [plan for plan in measure.plans.all() if plan.state != PlanState.RETURNED]
    return (
        measure.state == MeasureState.IN_FORCE
        and measure.grade != Measure.Grade.REMOVAL
        and not open_plans
    )


@member_page(needs=check_user_can_manage_company)
def plan(request: HttpRequest, member: Member, public_id: uuid.UUID) -> HttpResponse:
    """File a corrective action plan against a measure."""
    measure = own(member, Measure.objects.all(), public_id=public_id)
    form = PlanForm(request.POST or None)
    filed = carried_out(
        request,
        form,
        lambda: standing.file_plan(
            measure=measure,
            cause=form.cleaned_data["cause"],
            actions=form.steps(),
            consents_to_visits=form.cleaned_data["consents_to_visits"],
            by=member.actor,
            at=timezone.now(),
        ),
        _("Your plan is with the officers now."),
    )
    if filed is not None:
        return redirect("portal:standing")
    return show(request, member, "plan.html", form=form, measure=measure)


@require_POST
@member_page(needs=check_user_can_manage_company)
def action_done(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    action = CorrectiveAction.objects.filter(plan__measure__carrier=member.carrier, pk=pk).first()
    if action is None:
        raise Http404
    standing.report_action_done(action=action, by=member.actor, at=timezone.now())
    return redirect("portal:standing")


@member_page(needs=check_user_can_appeal)
def appeal(
    request: HttpRequest, member: Member, against: str, public_id: uuid.UUID
) -> HttpResponse:
    """Appeal against a sanction or a rejection; another officer decides."""
    if against == Appeal.Against.MEASURE:
        measure = own(member, Measure.objects.all(), public_id=public_id)
        decided_by, reasons = measure.imposed_by, measure.reasons
    elif against == Appeal.Against.APPLICATION:
        rejected = Application.objects.filter(state="rejected")
        application = own(member, rejected, public_id=public_id)
        decided_by, reasons = application.decided_by, application.decision_reasons
    else:
        raise Http404
    form = AppealForm(request.POST or None)
    filed = carried_out(
        request,
        form,
        lambda: standing.file_appeal(
            carrier=member.carrier,
            against=against,
            subject_id=str(public_id),
            contested_by=decided_by,
            text=form.cleaned_data["text"],
            by=member.actor,
            at=timezone.now(),
        ),
        lambda filed: _("Your appeal is filed. Another officer will decide."),
    )
    if filed is not None:
        return redirect("portal:standing")
    return show(request, member, "appeal.html", form=form, reasons=reasons)
