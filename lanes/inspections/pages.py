"""The public page of a release document: what stands on the paper, and whether it is genuine."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lanes.inspections import release
from lanes.inspections.models import JointInspection
from trustedtruck.credentials.api.throttle import limited
from trustedtruck.credentials.failures import Refusal


@require_safe
@never_cache
def verify_release(request: HttpRequest, token: str) -> HttpResponse:
    """Genuine only when the signature holds and it is the document that we issued."""
    if limited(request):
        return render(request, "credentials/verify_busy.html", status=429)
    try:
        found = release.read(token, at=timezone.now())
    except Refusal:
        found = None
    if found and not JointInspection.objects.filter(document=token).exists():
        found = None
    context = {"release": found, "facts": found.facts() if found else []}
    return render(request, "inspections/release.html", context, status=200 if found else 422)
