"""Around every request: its id in all logs, its caller's address, what is left of its body."""

import re
import uuid
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from ipaddress import ip_address

import structlog
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, UnreadablePostError

from trustedtruck.core.views import not_allowed

# What a caller may choose; anything else is replaced, so that nothing can forge a log line.
_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)


class RequestId:
    """Take `X-Request-ID` or make one, bind it to the logs, and send it back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _ACCEPTED.fullmatch(given) else uuid.uuid4().hex
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class ClientAddress:
    """REMOTE_ADDR is the caller's: where PROXIES of ours stand in front, what they appended.

    What a caller wrote into X-Forwarded-For by itself stands further left and is never looked at.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.PROXIES > 0:
            passed = request.headers.get("X-Forwarded-For", "").split(",")
            if len(passed) >= settings.PROXIES:
                # A proxy that does not know the address appends a word (RFC 7239): then it stays.
                with suppress(ValueError):
                    request.META["REMOTE_ADDR"] = str(ip_address(passed[-settings.PROXIES].strip()))
        return self.get_response(request)


# What a refused caller may still be sending; beyond it the connection is simply closed.
_DRAINED_BYTES = 16 * 1024 * 1024


class DrainRefused:
    """Read what the caller still sends of a refused body: the server would close the connection,
    and a caller that is still writing would see a broken pipe in place of the answer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            left = _DRAINED_BYTES
            with suppress(UnreadablePostError):
                while left > 0 and (piece := request.read(65_536)):
                    left -= len(piece)
        return response


class ExplainNotAllowed:
    """Whoever opens by its address what is only sent to (a form's, a button's) reads why not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            return not_allowed(request, response)
        return response


class RefuseUnstorable:
    """Answer 400 to a NUL in address or cookies: PostgreSQL stores none, and a query would fail."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        cookies = (text for pair in request.COOKIES.items() for text in pair)
        if "\0" in request.path or "%00" in query or any("\0" in text for text in cookies):
            raise BadRequest("NUL in address or cookies")
        return self.get_response(request)
