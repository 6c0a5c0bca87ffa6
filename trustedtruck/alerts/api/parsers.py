"""Bodies read as bytes and bounded; JSON is then read strictly, so that a signature covers it."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from trustedtruck.core.api import TooLarge, strict_loads

MAX_BODY = 8 * 1024 * 1024


class Raw(BaseParser):
    """`request.data` is the bytes. Larger than 8 MB is refused (413) before it is read."""

    media_type = "application/json"

    def parse(  # type: ignore[override]  # bytes, for `json_of` alone
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        body: bytes = stream.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            raise TooLarge
        return body


class RawAnything(Raw):
    """Where the signature says who sends, its type says nothing."""

    media_type = "*/*"


class RawSTIX(Raw):
    media_type = "application/stix+json"


def bytes_of(request: Request) -> bytes:
    """The body as it came; empty where there was none."""
    data: Any = request.data
    return data if isinstance(data, bytes) else b""


def json_of(request: Request) -> Any:
    """The body as JSON. Raises `MalformedJSON`."""
    return strict_loads(bytes_of(request), limit=MAX_BODY)
