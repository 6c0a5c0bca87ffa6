"""A carrier's standing: visits, sanctions, corrective plans, appeals."""

import uuid
from collections.abc import Callable
from functools import partial

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.carriers.models import (
    Appeal,
    Application,
    Carrier,
    CorrectivePlan,
    Measure,
    SiteVisit,
)
from trustedtruck.console.access import officer_page
from trustedtruck.console.enrolment.contested import contested
from trustedtruck.console.enrolment.forms import MeasureForm, ReasonsForm, VisitForm
from trustedtruck.console.pages.base import show
from trustedtruck.enrolment.services import review, standing
from trustedtruck.pages.forms import ServiceForm
from trustedtruck.pages.lists import page_of
from trustedtruck.pages.outcome import carried_out


@require_safe
@officer_page(Permission.ENROLMENT_READ)
def carriers(request: HttpRequest, officer: User) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:60]
    rows = Carrier.objects.order_by("legal_name", "pk")
    if query:
        rows = rows.filter(Q(legal_name__icontains=query) | Q(scac__iexact=query))
    page = page_of(request, rows)
    return show(request, officer, "console/enrolment/carriers.html", {"page": page, "query": query})


@require_safe
@officer_page(Permission.ENROLMENT_READ)
def carrier(request: HttpRequest, officer: User, public_id: uuid.UUID) -> HttpResponse:
    """A carrier's standing: visits, sanctions, plans, appeals."""
    return _carrier(request, officer, public_id)


def _carrier(
    request: HttpRequest, officer: User, public_id: uuid.UUID, **forms: ServiceForm
) -> HttpResponse:
    """`forms` are with errors: `visit`, `measure`, `lift_<id>`, `plan_<id>` or `appeal_<id>`."""
    found = get_object_or_404(Carrier, public_id=public_id)
    measures = Measure.objects.filter(carrier=found).order_by("-imposed_at")
    appeals = list(Appeal.objects.filter(carrier=found).order_by("-filed_at"))
    against = contested(appeals)

    def reasons(name: str) -> ServiceForm:
        return forms.get(name) or ReasonsForm(auto_id=f"{name}_%s")

    context = {
        "carrier": found,
        "refused": list(forms.values()),
        "applications": Application.objects.filter(carrier=found).exclude(state="draft"),
        "visits": SiteVisit.objects.filter(carrier=found).order_by("-due_date"),
        "measures": [
            (
                row,
                reasons(f"lift_{row.pk}"),
                [(plan, reasons(f"plan_{plan.pk}")) for plan in row.plans.all()],
            )
            for row in measures.prefetch_related("plans__actions")
        ],
        "appeals": [
            (row, against.get(row.subject_id, ""), reasons(f"appeal_{row.pk}")) for row in appeals
        ],
        "can_review": review.user_can_review(officer),
        "visit_form": forms.get("visit") or VisitForm(auto_id="visit_%s"),
        "measure_form": forms.get("measure") or MeasureForm(auto_id="measure_%s"),
    }
    return show(request, officer, "console/enrolment/carrier.html", context)


@require_POST
@officer_page(Permission.ENROLMENT_WRITE)
def report_visit(request: HttpRequest, officer: User, public_id: uuid.UUID) -> HttpResponse:
    visit = get_object_or_404(SiteVisit.objects.select_related("carrier"), public_id=public_id)
    form = VisitForm(request.POST, auto_id="visit_%s")
    done = carried_out(
        request,
        form,
        lambda: standing.report_visit(
            visit=visit,
            visited_date=form.cleaned_data["visited_date"],
            outcome=form.cleaned_data["outcome"],
            report=form.cleaned_data["report"],
            findings=form.findings(),
            by=officer.actor,
            at=timezone.now(),
        ),
        _("The report is on record."),
    )
    if done is not None:
        return redirect("enrolment:carrier", public_id=visit.carrier.public_id)
    return _carrier(request, officer, visit.carrier.public_id, visit=form)


@require_POST
@officer_page(Permission.ENROLMENT_WRITE)
def impose(request: HttpRequest, officer: User, public_id: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Carrier, public_id=public_id)
    form = MeasureForm(request.POST, auto_id="measure_%s")
    done = carried_out(
        request,
        form,
        lambda: standing.impose(
            carrier=found, by=officer.actor, at=timezone.now(), **form.cleaned_data
        ),
        _("The sanction is in force."),
    )
    if done is not None:
        return redirect("enrolment:carrier", public_id=public_id)
    return _carrier(request, officer, public_id, measure=form)


@require_POST
@officer_page(Permission.ENROLMENT_WRITE)
def lift(request: HttpRequest, officer: User, public_id: uuid.UUID) -> HttpResponse:
    measure = get_object_or_404(Measure.objects.select_related("carrier"), public_id=public_id)
    service = partial(standing.lift, measure=measure)
    said = _("The sanction is lifted.")
    return _with_reasons(request, officer, measure.carrier, f"lift_{measure.pk}", service, said)


@require_POST
@officer_page(Permission.ENROLMENT_WRITE)
def review_plan(request: HttpRequest, officer: User, pk: int) -> HttpResponse:
    plan = get_object_or_404(CorrectivePlan.objects.select_related("measure__carrier"), pk=pk)
    accept = request.POST.get("decision") == "accept"
    service = partial(standing.review_plan, plan=plan, accept=accept)
    said, name = _("The decision is on record."), f"plan_{plan.pk}"
    carrier = plan.measure.carrier
    return _with_reasons(request, officer, carrier, name, service, said, ("accept", "return"))


@require_POST
@officer_page(Permission.ENROLMENT_WRITE)
def decide_appeal(request: HttpRequest, officer: User, public_id: uuid.UUID) -> HttpResponse:
    appeal = get_object_or_404(Appeal.objects.select_related("carrier"), public_id=public_id)
    grant = request.POST.get("decision") == "grant"
    service = partial(standing.decide_appeal, appeal=appeal, grant=grant)
    said, name = _("The decision is on record."), f"appeal_{appeal.pk}"
    return _with_reasons(request, officer, appeal.carrier, name, service, said, ("grant", "deny"))


def _with_reasons(
    request: HttpRequest,
    officer: User,
    carrier: Carrier,
    name: str,
    service: Callable[..., object],
    said: str,
    decisions: tuple[str, ...] = (),
) -> HttpResponse:
    """One decision on the carrier's page, in the form of this name; it wants reasons."""
    form = ReasonsForm(request.POST, decisions=decisions, auto_id=f"{name}_%s")
    done = carried_out(
        request,
        form,
        lambda: service(reasons=form.cleaned_data["reasons"], by=officer.actor, at=timezone.now()),
        said,
    )
    if done is not None:
        return redirect("enrolment:carrier", public_id=carrier.public_id)
    return _carrier(request, officer, carrier.public_id, **{name: form})
