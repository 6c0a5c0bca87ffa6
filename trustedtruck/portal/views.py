"""The first page."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from trustedtruck.portal.demonstration import read_demonstration


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is and where to go; a demonstration also shows how to log in to it."""
    demonstration = read_demonstration(settings.HOME / "demo.json") if settings.DEMO else None
    return render(request, "portal/home.html", {"demonstration": demonstration})
