"""Bodies read as bytes; JSON is then read strictly, so that a signature covers it."""

from typing import Any

from rest_framework.request import Request

from trustedtruck.core.api import RawParser, body_of, strict_loads

MAX_BODY = 8 * 1024 * 1024


class Raw(RawParser):
    media_type = "application/json"
    limit = MAX_BODY


class RawAnything(Raw):
    """Where the signature says who sends, its type says nothing."""

    media_type = "*/*"


class RawSTIX(Raw):
    media_type = "application/stix+json"


def json_of(request: Request) -> Any:
    """The body as JSON. Raises `MalformedJSON`."""
    return strict_loads(body_of(request), limit=MAX_BODY)
