"""From where a request came, for the audit events that it causes."""

from collections.abc import Callable
from contextvars import ContextVar
from ipaddress import ip_address

from django.http import HttpRequest, HttpResponse

_address: ContextVar[str | None] = ContextVar("address", default=None)


def present_address() -> str | None:
    """The address of the request at work; None outside of one."""
    return _address.get()


class Whereabouts:
    """Middleware: remembers the caller's address while the request is at work."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _address.set(_valid(request.META.get("REMOTE_ADDR", "")))
        try:
            return self.get_response(request)
        finally:
            _address.reset(token)


def _valid(text: str) -> str | None:
    try:
        return str(ip_address(text))
    except ValueError:  # a Unix socket has none
        return None
