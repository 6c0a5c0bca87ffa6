"""Bodies are read whole and bounded, and judged by the services, not by the parser."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from trustedtruck.core.api import JSONRenderer, TooLarge
from trustedtruck.manifests.services.formats import MAX_BODY


class RawParser(BaseParser):
    """`request.data` is the bytes of the body. Larger than 16 MB is refused (413)."""

    def parse(  # type: ignore[override]  # bytes, for `body_of` alone
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        body: bytes = stream.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            raise TooLarge
        return body


class RawJSON(RawParser):
    media_type = "application/json"


class X12(RawParser):
    media_type = "application/edi-x12"


class CSV(RawParser):
    media_type = "text/csv"


class XML(RawParser):
    media_type = "application/xml"


class TextXML(RawParser):
    media_type = "text/xml"


class X12Renderer(BaseRenderer):
    """Lets a client ask for X12; answers in it are written by the view itself."""

    media_type = "application/edi-x12"
    format = "x12"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return JSONRenderer().render(data)


def body_of(request: Request) -> bytes:
    """The bytes that one of these parsers read; empty where there were none."""
    data: Any = request.data
    return data if isinstance(data, bytes) else b""
