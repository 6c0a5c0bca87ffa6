"""Joint inspections on the page of the truck: opened, judged by both agencies, documented."""

import uuid

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lanes.inspections import release
from lanes.inspections.services.joint import judge_joint, open_joint
from lanes.inspections.services.release_document import issue_document
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.console.access import agency_of, officer_page
from trustedtruck.console.inspections.cases import show_inspection
from trustedtruck.console.inspections.joint_part import WordForm
from trustedtruck.console.inspections.scope import inspection_or_404
from trustedtruck.core.errors import DomainError
from trustedtruck.pages.forms import ServiceForm
from trustedtruck.pages.outcome import carried_out


class PartnerForm(ServiceForm):
    partner = forms.CharField(max_length=16)


@require_POST
@officer_page(Permission.INSPECTION_WRITE)
def begin(request: HttpRequest, officer: User, code: str, inspection_id: uuid.UUID) -> HttpResponse:
    form = PartnerForm(request.POST)
    made = carried_out(
        request,
        form,
        lambda: open_joint(
            inspection_id=inspection_id,
            port_code=code,
            agency=agency_of(officer),
            partner_code=form.cleaned_data["partner"],
            by=officer.actor,
            at=timezone.now(),
        ),
        _("Both agencies now inspect together."),
    )
    if made is not None:
        return redirect("console:inspection", code, inspection_id)
    return show_inspection(request, officer, code, inspection_id, joint=form)


@require_POST
@officer_page(Permission.JOINT_JUDGE)
def judge(request: HttpRequest, officer: User, code: str, inspection_id: uuid.UUID) -> HttpResponse:
    inspection_or_404(officer, code, inspection_id)
    form = WordForm(request.POST, auto_id="joint_%s")
    done = carried_out(
        request,
        form,
        lambda: judge_joint(
            inspection_id=inspection_id,
            port_code=code,
            agency=agency_of(officer),
            by=officer.actor,
            at=timezone.now(),
            **form.cleaned_data,
        ),
        _("The verdict of your agency is on record."),
    )
    if done is not None:
        return redirect("console:inspection", code, inspection_id)
    return show_inspection(request, officer, code, inspection_id, joint_verdict=form)


@require_POST
@officer_page(Permission.JOINT_JUDGE)
def document(
    request: HttpRequest, officer: User, code: str, inspection_id: uuid.UUID
) -> HttpResponse:
    """The release document as PDF; the first request signs it."""
    inspection_or_404(officer, code, inspection_id)
    try:
        joint = issue_document(
            inspection_id=inspection_id, port_code=code, by=officer.actor, at=timezone.now()
        )
    except DomainError as refusal:
        messages.error(request, str(refusal.text))
        return redirect("console:inspection", code, inspection_id)
    token = joint.document
    found = release.read(token, at=timezone.now())
    answer = HttpResponse(release.pdf(token, found), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="release-{inspection_id}.pdf"'
    return answer
