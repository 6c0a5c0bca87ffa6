"""Records of carriers, and what they suggest: for an officer to confirm or dismiss."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lanes.inspections.models import Proposal
from lanes.inspections.queries.record import record_of
from lanes.inspections.services.proposals import decide_proposal
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.carriers.models import Carrier
from trustedtruck.console.access import officer_page
from trustedtruck.console.inspections.cases import WhyForm
from trustedtruck.console.pages.base import show
from trustedtruck.pages.forms import RefusedRow, form_of_row
from trustedtruck.pages.outcome import carried_out

SHOWN = 50


@require_safe
@officer_page(Permission.ENROLMENT_READ)
def proposals(request: HttpRequest, officer: User) -> HttpResponse:
    return _show(request, officer)


@require_POST
@officer_page(Permission.ENROLMENT_WRITE)
def decide(request: HttpRequest, officer: User, proposal_id: int) -> HttpResponse:
    found = get_object_or_404(Proposal, pk=proposal_id)
    form = WhyForm(request.POST, auto_id=f"p{found.pk}_%s")
    done = carried_out(
        request,
        form,
        lambda: decide_proposal(
            proposal_id=found.pk,
            confirm=request.POST.get("do") == "confirm",
            note=form.cleaned_data["note"],
            by=officer.actor,
            at=timezone.now(),
        ),
        _("The proposal is decided."),
    )
    if done is not None:
        return redirect("console:proposals")
    return _show(request, officer, (found.pk, form))


def _show(request: HttpRequest, officer: User, wrong: RefusedRow | None = None) -> HttpResponse:
    """Open proposals first; then the record of every carrier that was examined."""
    at = timezone.now()
    rows = Proposal.objects.filter(state="open").select_related("carrier").order_by("made_at")
    examined = Carrier.objects.filter(exam_record__isnull=False).order_by("scac")[:SHOWN]
    context = {
        "entries": [
            (
                proposal,
                record_of(proposal.carrier, at=at),
                form_of_row(proposal.pk, WhyForm(auto_id=f"p{proposal.pk}_%s"), wrong),
            )
            for proposal in rows[:SHOWN]
        ],
        "records": [(carrier, record_of(carrier, at=at)) for carrier in examined],
        "refused": [wrong[1]] if wrong else [],
    }
    return show(request, officer, "console/inspections/proposals.html", context)
