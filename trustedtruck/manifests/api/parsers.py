"""Bodies are read whole and bounded, and judged by the services, not by the parser."""

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer

from trustedtruck.core.api import JSONRenderer, RawParser
from trustedtruck.manifests.services.formats import MAX_BODY


class Manifest(RawParser):
    limit = MAX_BODY


class RawJSON(Manifest):
    media_type = "application/json"


class X12(Manifest):
    media_type = "application/edi-x12"


class CSV(Manifest):
    media_type = "text/csv"


class XML(Manifest):
    media_type = "application/xml"


class TextXML(Manifest):
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
