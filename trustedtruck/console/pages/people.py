"""A driver: what identifies a person, shown to those who may see it, and on record."""

import json
import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.audit.views_of_people import note_view
from trustedtruck.carriers.models import Driver
from trustedtruck.console.access import officer_page
from trustedtruck.console.pages.base import show
from trustedtruck.console.subjects import export_subject
from trustedtruck.credentials.models import Credential


@require_safe
@never_cache
@officer_page(Permission.PERSON_READ)
def driver(request: HttpRequest, officer: User, public_id: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Driver.objects.select_related("carrier"), public_id=public_id)
    note_view(subject_kind="driver", subjects=[found.pk], by=officer.actor)
    credentials = Credential.objects.filter(driver=found).defer("qr", "vc_jwt").order_by("-pk")
    papers = found.documents.order_by("expires_date")
    context = {"driver": found, "credentials": credentials, "documents": papers}
    return show(request, officer, "console/driver.html", context)


@require_POST
@officer_page(Permission.SUBJECT_EXPORT)
def export(request: HttpRequest, officer: User, public_id: uuid.UUID) -> HttpResponse:
    """All that the product keeps about one person, as a file for that person."""
    found = get_object_or_404(Driver, public_id=public_id)
    body = export_subject(driver=found, by=officer.actor, at=timezone.now())
    response = HttpResponse(
        json.dumps(body, indent=2, ensure_ascii=False, default=str),
        content_type="application/json; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="person-{public_id}.json"'
    response["Cache-Control"] = "no-store"
    return response
