"""The page of the problem codes, and what a browser or a machine sees when something fails."""

import re
import sys
from http import HTTPStatus
from itertools import groupby

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from psycopg_pool import PoolTimeout

from trustedtruck.core.problem_codes import problem_codes
from trustedtruck.core.problems import problem_response, wants_json

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


def _failed(request: HttpRequest, status: int, code: str, text: str | Promise) -> HttpResponse:
    """A problem for machines; for people a page that needs neither database nor session."""
    if wants_json(request):
        return problem_response(status, code, text)
    page = render_to_string("core/error.html", {"status": status, "text": text})
    return HttpResponse(page, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        text = _("The body is larger than this address accepts.")
        return _failed(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", text)
    text = _("The request is not one that this server can read.")
    return _failed(request, HTTPStatus.BAD_REQUEST, "bad_request", text)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _failed(request, HTTPStatus.FORBIDDEN, "permission_denied", _("You may not do this."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    text = _(
        "This form is too old or came from another site. Go back, reload the page and try again."
    )
    return _failed(request, HTTPStatus.FORBIDDEN, "csrf_failed", text)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    text = _("There is nothing here that you may see.")
    return _failed(request, HTTPStatus.NOT_FOUND, "not_found", text)


def server_error(request: HttpRequest) -> HttpResponseBase:
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError, PoolTimeout)):
        text = _("The database does not answer. Try again.")
        response = _failed(request, HTTPStatus.SERVICE_UNAVAILABLE, "database_unavailable", text)
        response["Retry-After"] = "1"
        return response
    text = _("Something went wrong on our side. It has been written down.")
    return _failed(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", text)
