"""All documents by their end, and insurance."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from trustedtruck.carriers.models import Document, Insurance
from trustedtruck.carriers.permissions import check_user_can_edit_fleet
from trustedtruck.carriers.services import documents
from trustedtruck.carriers.services.stored import as_download
from trustedtruck.pages.lists import page_of
from trustedtruck.pages.outcome import carried_out
from trustedtruck.portal.access import Member, member_page
from trustedtruck.portal.forms.fleet import InsuranceForm
from trustedtruck.portal.pages.common import own, show


@require_safe
@member_page()
def rows(request: HttpRequest, member: Member) -> HttpResponse:
    found = Document.objects.in_use().filter(carrier=member.carrier)
    found = found.select_related("truck", "trailer", "driver").order_by("expires_date", "pk")
    return show(
        request, member, "documents.html", page=page_of(request, found), today=timezone.now().date()
    )


@require_safe
@member_page()
def download(request: HttpRequest, member: Member, public_id: uuid.UUID) -> HttpResponseBase:
    """The picture or PDF of a document."""
    found = own(member, Document.objects.exclude(file_sha256=""), public_id=public_id)
    return as_download(documents.path_of(found), name=found.file_name, media_type=found.file_type)


@member_page(writes=check_user_can_edit_fleet)
def insurance(request: HttpRequest, member: Member) -> HttpResponse:
    form = InsuranceForm(request.POST or None)
    made = carried_out(
        request,
        form,
        lambda: documents.add_insurance(
            carrier=member.carrier, by=member.actor, at=timezone.now(), **form.cleaned_data
        ),
        _("The insurance is saved."),
    )
    if made is not None:
        return redirect("portal:insurance")
    policies = Insurance.objects.filter(carrier=member.carrier).order_by("-expires_date")
    return show(
        request, member, "insurance.html", form=form, rows=policies, today=timezone.now().date()
    )


@require_POST
@member_page(needs=check_user_can_edit_fleet)
def remove_insurance(request: HttpRequest, member: Member, public_id: uuid.UUID) -> HttpResponse:
    row = own(member, Insurance.objects.all(), public_id=public_id)
    documents.remove_insurance(insurance=row, by=member.actor, at=timezone.now())
    messages.success(request, _("The insurance is removed."))
    return redirect("portal:insurance")
