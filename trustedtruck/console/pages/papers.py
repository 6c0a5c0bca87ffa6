"""Papers of trucks and drivers, as carriers entered them."""

import uuid

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from trustedtruck.accounts.can import NotAllowed, check_user_can
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.audit.views_of_people import note_view
from trustedtruck.carriers.models import Document
from trustedtruck.carriers.services.documents import path_of
from trustedtruck.carriers.services.stored import as_download
from trustedtruck.console.access import officer_page


@require_safe
@officer_page(Permission.ENROLMENT_READ)
def document(request: HttpRequest, officer: User, public_id: uuid.UUID) -> HttpResponseBase:
    """The file of a paper; a driver's only for who may see persons, and on record."""
    found = get_object_or_404(Document.objects.exclude(file_sha256=""), public_id=public_id)
    if found.driver_id is not None:
        try:
            check_user_can(officer, Permission.PERSON_READ)
        except NotAllowed as refusal:
            return render(request, "console/refused.html", {"text": refusal.text}, status=403)
        note_view(subject_kind="driver", subjects=[found.driver_id], by=officer.actor)
    return as_download(path_of(found), name=found.file_name, media_type=found.file_type)
