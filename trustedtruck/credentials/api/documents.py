"""What everybody may fetch: DID, JWKS, context, schemas, status lists."""

import hashlib
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from trustedtruck.core.errors import DomainError, NotFound
from trustedtruck.core.problems import problem_response
from trustedtruck.credentials.formats import strict_json, vcdm
from trustedtruck.credentials.queries import documents
from trustedtruck.credentials.queries.keys import all_keys
from trustedtruck.credentials.services import publish
from trustedtruck.credentials.services.publish import Published
from trustedtruck.credentials.states import Kind

# Long enough to spare the server, short enough that a revocation is soon seen.
LIST_SECONDS, KEYS_SECONDS, STATIC_SECONDS = 30, 60, 86_400


def _fetched(request: HttpRequest, published: Published, seconds: int) -> HttpResponse:
    if published.etag in request.headers.get("If-None-Match", ""):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(published.body, content_type=published.media_type)
    response["ETag"] = published.etag
    response["Cache-Control"] = f"public, max-age={seconds}"
    response["Vary"] = "Accept"
    # These documents are for any verifier anywhere, in a browser too.
    response["Access-Control-Allow-Origin"] = "*"
    return response


def fetched_json(
    request: HttpRequest,
    value: Any,
    media_type: str = "application/json",
    seconds: int = KEYS_SECONDS,
) -> HttpResponse:
    """A public JSON document with ETag and a life for caches."""
    body = strict_json.dumps(value)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return _fetched(request, Published(body, media_type, etag), seconds)


def _refused(error: DomainError) -> JsonResponse:
    return problem_response(error.status, error.code, error.text)


@require_safe
def did(request: HttpRequest) -> HttpResponse:
    """`/.well-known/did.json`."""
    value = documents.did_document(all_keys(), settings.BASE_URL, timezone.now())
    return fetched_json(request, value, "application/did+json", KEYS_SECONDS)


@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    """`/.well-known/jwks.json`."""
    value = documents.jwks(all_keys(), settings.BASE_URL, timezone.now())
    return fetched_json(request, value, "application/jwk-set+json", KEYS_SECONDS)


@require_safe
def context(request: HttpRequest) -> HttpResponse:
    return fetched_json(
        request, documents.context(settings.BASE_URL), "application/ld+json", STATIC_SECONDS
    )


@require_safe
def schema(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in Kind.values:
        return _refused(NotFound("schema_unknown", _("There is no such schema.")))
    value = documents.schema(settings.BASE_URL, kind)
    return fetched_json(request, value, "application/schema+json", STATIC_SECONDS)


@require_safe
def status_list(request: HttpRequest, purpose: str, number: int) -> HttpResponse:
    """A Bitstring list: `application/vc+jwt`, or `application/vc` with a Data Integrity proof."""
    if purpose not in vcdm.PURPOSES:
        return _refused(NotFound("status_list_unknown", _("There is no such status list.")))
    wanted = request.get_preferred_type([publish.JWT, publish.DATA_INTEGRITY])
    media_type = wanted or publish.JWT
    try:
        found = publish.bitstring_list(purpose, number, media_type=media_type, at=timezone.now())
    except DomainError as error:
        return _refused(error)
    return _fetched(request, found, LIST_SECONDS)


@require_safe
def status_tokens(request: HttpRequest, number: int) -> HttpResponse:
    """A Status List Token (`application/statuslist+jwt`)."""
    try:
        found = publish.token_list(number, at=timezone.now())
    except DomainError as error:
        return _refused(error)
    return _fetched(request, found, LIST_SECONDS)
