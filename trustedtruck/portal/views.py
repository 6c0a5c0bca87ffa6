"""The first page, and the mailbox of a demonstration."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from trustedtruck.portal.demonstration import read_demonstration, read_mails


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is and where to go; a demonstration also shows how to log in to it."""
    demonstration = read_demonstration(settings.HOME / "demo.json") if settings.DEMO else None
    return render(request, "portal/home.html", {"demonstration": demonstration})


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """The mail of a demonstration, where a code of confirmation is found; nowhere else."""
    if not settings.DEMO:
        raise Http404
    return render(request, "portal/mailbox.html", {"mails": read_mails(settings.EMAIL_FILE_PATH)})
