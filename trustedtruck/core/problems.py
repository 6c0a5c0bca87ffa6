"""Errors as RFC 9457 `application/problem+json`, the one shape in which the API refuses.

`type` is a URL of the documentation, `code` is stable, `errors` names every wrong field at once.
"""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

from trustedtruck.core.absent_database import UNAVAILABLE
from trustedtruck.core.errors import DomainError, FieldError, Text

log = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"


def problem(
    status: int, code: str, text: Text, errors: tuple[FieldError, ...] = (), **extra: Any
) -> dict[str, Any]:
    """The body of a refusal."""
    body: dict[str, Any] = {
        "type": f"/api/docs/problems/#{code}",
        "title": _(HTTPStatus(status).phrase),
        "status": status,
        "code": code,
        "detail": str(text),
        **extra,
    }
    if errors:
        body["errors"] = [
            {"field": error.field, "code": error.code, "text": str(error.text)} for error in errors
        ]
    return body


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Turn whatever a view raised into a problem; an unknown exception is ours and stays a 500."""
    headers: dict[str, str] = {}
    if isinstance(error, DomainError):
        body = problem(error.status, error.code, error.text, error.errors, **error.extra)
        if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
            headers["Retry-After"] = "1"
        elif error.status == HTTPStatus.TOO_MANY_REQUESTS:
            headers["Retry-After"] = "60"
    elif isinstance(error, exceptions.ValidationError):
        errors = tuple(field_errors(error.detail))
        body = problem(400, "invalid", _("Some fields are wrong."), errors)
    elif isinstance(error, exceptions.APIException):
        code = getattr(error.detail, "code", None) or error.default_code
        body = problem(error.status_code, code, str(error.detail))
        if auth_header := getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = auth_header
        if wait := getattr(error, "wait", None):
            headers["Retry-After"] = str(int(wait) + 1)
    elif isinstance(error, Http404):
        body = problem(404, "not_found", _("There is nothing here that you may see."))
    elif isinstance(error, PermissionDenied):
        body = problem(403, "permission_denied", _("You may not do this."))
    elif isinstance(error, UNAVAILABLE):
        # Not the caller's fault and not final: the gate inspects, journals, and sends it again.
        log.warning("database_unavailable", error=str(error))
        body = problem(503, "database_unavailable", _("The database does not answer. Try again."))
        headers["Retry-After"] = "1"
    else:
        return None
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)


def field_errors(detail: Any, path: str = "") -> Iterator[FieldError]:
    """Flatten REST framework's nested details into one list of paths."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            inner = path if key == "non_field_errors" else f"{path}.{key}" if path else str(key)
            yield from field_errors(value, inner)
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            nested = isinstance(value, (Mapping, list))
            yield from field_errors(value, f"{path}.{index}" if nested and path else path)
    else:
        yield FieldError(path, getattr(detail, "code", "invalid"), str(detail))


def problem_response(status: int, code: str, text: Text) -> JsonResponse:
    """A problem outside of REST framework's views."""
    return JsonResponse(problem(status, code, text), status=status, content_type=MEDIA_TYPE)


def wants_json(request: HttpRequest) -> bool:
    """Whether a machine asks: by the address, or by what it sends or accepts."""
    if request.path.startswith(("/api/", "/.well-known/")) or "json" in (
        request.content_type or ""
    ):
        return True
    preferred = request.get_preferred_type(["text/html", "application/json", MEDIA_TYPE])
    return preferred in ("application/json", MEDIA_TYPE)
