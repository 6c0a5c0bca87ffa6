"""The page of the problem codes, and what a browser or a machine sees when something fails."""

import re
import sys
from itertools import groupby
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from trustedtruck.core.absent_database import UNAVAILABLE
from trustedtruck.core.problem_codes import problem_codes
from trustedtruck.core.problems import MEDIA_TYPE, problem, wants_json

_PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
# The titles that `problem` takes from the standard library, marked for translation.
TITLES = (
    gettext_noop("Bad Request"),
    gettext_noop("Unauthorized"),
    gettext_noop("Forbidden"),
    gettext_noop("Not Found"),
    gettext_noop("Method Not Allowed"),
    gettext_noop("Not Acceptable"),
    gettext_noop("Conflict"),
    gettext_noop("Request Entity Too Large"),
    gettext_noop("Unsupported Media Type"),
    gettext_noop("Unprocessable Entity"),
    gettext_noop("Too Many Requests"),
    gettext_noop("Internal Server Error"),
    gettext_noop("Service Unavailable"),
)


@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    """Every code with its meaning; `type` in a problem points at its place here."""
    entries = [
        (code, sorted({item.status for item in items}), [_meaning(i.text) for i in items if i.text])
        for code, items in (
            (code, list(group))
            for code, group in groupby(problem_codes(), key=lambda item: item.code)
        )
    ]
    return render(request, "core/problems.html", {"entries": entries})


def _meaning(text: str) -> str:
    """The sentence in the reader's language, with an ellipsis where a request's own words stand."""
    return _PLACES.sub("…", gettext(text))


def _failed(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """A problem for machines; for people a page that needs neither database nor session."""
    if wants_json(request):
        return JsonResponse(body, status=body["status"], content_type=MEDIA_TYPE)
    page = render_to_string("core/error.html", {"status": body["status"], "text": body["detail"]})
    return HttpResponse(page, status=body["status"])


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return _failed(
            request, problem(413, "too_large", _("The body is larger than this address accepts."))
        )
    return _failed(
        request, problem(400, "bad_request", _("The request is not one that this server can read."))
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _failed(request, problem(403, "permission_denied", _("You may not do this.")))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _failed(
        request,
        problem(
            403,
            "csrf_failed",
            _("This form is too old or came from elsewhere. Reload its page and send it again."),
        ),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _failed(request, problem(404, "not_found", _("There is nothing here that you may see.")))


def not_allowed(request: HttpRequest, refused: HttpResponseNotAllowed) -> HttpResponse:
    """A page or a problem in place of Django's empty answer; `Allow` says what is taken."""
    text = _("This address takes no such request. Open the page that leads to it.")
    response = _failed(request, problem(405, "method_not_allowed", text))
    response["Allow"] = refused["Allow"]
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    if isinstance(sys.exc_info()[1], UNAVAILABLE):
        response = _failed(
            request,
            problem(503, "database_unavailable", _("The database does not answer. Try again.")),
        )
        response["Retry-After"] = "1"
        return response
    return _failed(
        request,
        problem(
            500, "internal_error", _("Something went wrong on our side. It has been written down.")
        ),
    )
