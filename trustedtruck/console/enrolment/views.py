"""Applications, from the list to the decision; and a carrier's standing."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
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
    Carrier,
    CorrectivePlan,
    Evidence,
    Measure,
    Profile,
    SiteVisit,
)
from trustedtruck.carriers.services.evidence import path_of
from trustedtruck.carriers.services.stored import as_download
from trustedtruck.carriers.states import ApplicationState
from trustedtruck.console.access import officer_page
from trustedtruck.console.enrolment.forms import (
    AdviceForm,
    AskForm,
    MeasureForm,
    ReasonsForm,
    VisitForm,
)
from trustedtruck.console.pages.base import show
from trustedtruck.enrolment.services import review, standing
from trustedtruck.enrolment.vetting.checks import CHECKS
from trustedtruck.portal.forms.base import ServiceForm

PER_PAGE = 50
_OPEN = (ApplicationState.SUBMITTED, ApplicationState.ADVISED, ApplicationState.INFORMATION)


@require_safe
@officer_page(Permission.ENROLMENT_READ)
def applications(request: HttpRequest, officer: User) -> HttpResponse:
    """What waits for an officer first, the longest waiting on top."""
    rows = Application.objects.select_related("carrier")
    show_all = "all" in request.GET
    rows = rows.exclude(state="draft") if show_all else rows.filter(state__in=_OPEN)
    page = Paginator(rows.order_by("submitted_at", "pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
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
        "unfinished": len(checks) < len(CHECKS),
        "requests": found.requests.order_by("pk"),
        "can_review": review.user_can_review(officer),
        "can_decide": review.user_can_decide(officer, found),
        "ask_form": forms.get("ask_form", AskForm()),
        "advice_form": forms.get("advice_form", AdviceForm()),
        "decision_form": forms.get("decision_form", ReasonsForm(auto_id="decide_%s")),
    }
    return show(
        request,
        officer,
        "console/enrolment/application.html",
        context,
        status=400 if forms else 200,
    )


def _words(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**f, "words": _(f["text"]) % f["params"]} for f in findings]


@require_POST
@officer_page(Permission.ENROLMENT_WRITE)
def ask(request: HttpRequest, officer: User, public_id: uuid.UUID) -> HttpResponse:
    form = AskForm(request.POST)
    found = get_object_or_404(Application, public_id=public_id)
    if form.is_valid():
        done = form.attempt(
            lambda: review.ask(
                application=found,
                text=form.cleaned_data["text"],
                by=officer.actor,
                at=timezone.now(),
            )
        )
        if done is not None:
            messages.success(request, _("The carrier has been asked."))
            return redirect("enrolment:application", public_id=public_id)
    return _application(request, officer, public_id, ask_form=form)


@require_POST
@officer_page(Permission.ENROLMENT_WRITE)
def advise(request: HttpRequest, officer: User, public_id: uuid.UUID) -> HttpResponse:
    form = AdviceForm(request.POST)
    found = get_object_or_404(Application, public_id=public_id)
    if form.is_valid():
        done = form.attempt(
            lambda: review.advise(
                application=found,
                advice=form.cleaned_data["advice"],
                reasons=form.cleaned_data["reasons"],
                by=officer.actor,
                at=timezone.now(),
            )
        )
        if done is not None:
            messages.success(request, _("Your advice is on record. Another officer decides."))
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
    form = ReasonsForm(request.POST, auto_id="decide_%s")
    found = get_object_or_404(Application, public_id=public_id)
    service = _DECISIONS.get(request.POST.get("decision", ""))
    if form.is_valid() and service is not None:
        done = form.attempt(
            lambda: service(
                application=found,
                reasons=form.cleaned_data["reasons"],
                by=officer.actor,
                at=timezone.now(),
            )
        )
        if done is not None:
            messages.success(request, _("The decision is on record."))
            return redirect("enrolment:application", public_id=public_id)
    return _application(request, officer, public_id, decision_form=form)


@require_safe
@officer_page(Permission.ENROLMENT_READ)
def evidence(request: HttpRequest, officer: User, public_id: uuid.UUID) -> HttpResponseBase:
    found = get_object_or_404(Evidence, public_id=public_id)
    return as_download(path_of(found), name=found.name, media_type=found.media_type)


@require_safe
@officer_page(Permission.ENROLMENT_READ)
def carriers(request: HttpRequest, officer: User) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:60]
    rows = Carrier.objects.order_by("legal_name", "pk")
    if query:
        rows = rows.filter(Q(legal_name__icontains=query) | Q(scac__iexact=query))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
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
    appeals = Appeal.objects.filter(carrier=found).order_by("-filed_at")

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
        "appeals": [(row, reasons(f"appeal_{row.pk}")) for row in appeals],
        "can_review": review.user_can_review(officer),
        "visit_form": forms.get("visit") or VisitForm(auto_id="visit_%s"),
        "measure_form": forms.get("measure") or MeasureForm(auto_id="measure_%s"),
    }
    return show(
        request, officer, "console/enrolment/carrier.html", context, status=400 if forms else 200
    )


@require_POST
@officer_page(Permission.ENROLMENT_WRITE)
def report_visit(request: HttpRequest, officer: User, public_id: uuid.UUID) -> HttpResponse:
    visit = get_object_or_404(SiteVisit.objects.select_related("carrier"), public_id=public_id)
    form = VisitForm(request.POST, auto_id="visit_%s")
    if form.is_valid():
        done = form.attempt(
            lambda: standing.report_visit(
                visit=visit,
                visited_date=form.cleaned_data["visited_date"],
                outcome=form.cleaned_data["outcome"],
                report=form.cleaned_data["report"],
                findings=form.findings(),
                by=officer.actor,
                at=timezone.now(),
            )
        )
        if done is not None:
            messages.success(request, _("The report is on record."))
            return redirect("enrolment:carrier", public_id=visit.carrier.public_id)
    return _carrier(request, officer, visit.carrier.public_id, visit=form)


@require_POST
@officer_page(Permission.ENROLMENT_WRITE)
def impose(request: HttpRequest, officer: User, public_id: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Carrier, public_id=public_id)
    form = MeasureForm(request.POST, auto_id="measure_%s")
    if form.is_valid():
        done = form.attempt(
            lambda: standing.impose(
                carrier=found, by=officer.actor, at=timezone.now(), **form.cleaned_data
            )
        )
        if done is not None:
            messages.success(request, _("The sanction is in force."))
            return redirect("enrolment:carrier", public_id=public_id)
    return _carrier(request, officer, public_id, measure=form)


@require_POST
@officer_page(Permission.ENROLMENT_WRITE)
def lift(request: HttpRequest, officer: User, public_id: uuid.UUID) -> HttpResponse:
    measure = get_object_or_404(Measure.objects.select_related("carrier"), public_id=public_id)
    name = f"lift_{measure.pk}"
    form = ReasonsForm(request.POST, auto_id=f"{name}_%s")
    if form.is_valid():
        done = form.attempt(
            lambda: standing.lift(
                measure=measure,
                reasons=form.cleaned_data["reasons"],
                by=officer.actor,
                at=timezone.now(),
            )
        )
        if done is not None:
            messages.success(request, _("The sanction is lifted."))
            return redirect("enrolment:carrier", public_id=measure.carrier.public_id)
    return _carrier(request, officer, measure.carrier.public_id, **{name: form})


@require_POST
@officer_page(Permission.ENROLMENT_WRITE)
def review_plan(request: HttpRequest, officer: User, pk: int) -> HttpResponse:
    plan = get_object_or_404(CorrectivePlan.objects.select_related("measure__carrier"), pk=pk)
    name = f"plan_{plan.pk}"
    form = ReasonsForm(request.POST, auto_id=f"{name}_%s")
    public_id = plan.measure.carrier.public_id
    if form.is_valid():
        done = form.attempt(
            lambda: standing.review_plan(
                plan=plan,
                accept=request.POST.get("decision") == "accept",
                reasons=form.cleaned_data["reasons"],
                by=officer.actor,
                at=timezone.now(),
            )
        )
        if done is not None:
            messages.success(request, _("The decision is on record."))
            return redirect("enrolment:carrier", public_id=public_id)
    return _carrier(request, officer, public_id, **{name: form})


@require_POST
@officer_page(Permission.ENROLMENT_WRITE)
def decide_appeal(request: HttpRequest, officer: User, public_id: uuid.UUID) -> HttpResponse:
    appeal = get_object_or_404(Appeal.objects.select_related("carrier"), public_id=public_id)
    name = f"appeal_{appeal.pk}"
    form = ReasonsForm(request.POST, auto_id=f"{name}_%s")
    if form.is_valid():
        done = form.attempt(
            lambda: standing.decide_appeal(
                appeal=appeal,
                grant=request.POST.get("decision") == "grant",
                reasons=form.cleaned_data["reasons"],
                by=officer.actor,
                at=timezone.now(),
            )
        )
        if done is not None:
            messages.success(request, _("The decision is on record."))
            return redirect("enrolment:carrier", public_id=appeal.carrier.public_id)
    return _carrier(request, officer, appeal.carrier.public_id, **{name: form})
