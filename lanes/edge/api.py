"""What headquarters offers to a port that runs by itself: its bundle, an ear for its journal."""

import gzip
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lanes.edge.services.journal import AT_ONCE, take
from lanes.edge.services.make import port_bundle
from trustedtruck.accounts.models import Device, MachineKey
from trustedtruck.accounts.roles import Scope
from trustedtruck.core.api import StrictJSONParser
from trustedtruck.core.errors import FieldError, Invalid
from trustedtruck.core.openapi import PROBLEMS


class JournalParser(StrictJSONParser):
    limit = 16 * 1024 * 1024


class EdgeView(APIView):
    """For the key of a port's own installation; the key's port is the port."""

    scope = Scope.EDGE_RUN
    parser_classes = [JournalParser]

    def edge_of(self, request: Request) -> Device:
        key = request.auth
        if not isinstance(key, MachineKey) or key.device is None:
            raise PermissionDenied(_("This needs the key of a device."), "device_key_needed")
        return key.device

    def given(self, request: Request, name: str, kind: type[Any]) -> Any:
        """The one member of the body. Raises `Invalid`."""
        body = request.data
        value = body.get(name) if isinstance(body, dict) and set(body) == {name} else None
        if not isinstance(value, kind):
            raise Invalid(
                (FieldError(name, "invalid", _("Send an object with this member alone.")),),
                _("Some fields are wrong."),
            )
        return value


def _only(name: str, kind: dict[str, Any]) -> dict[str, Any]:
    """How the description says what `EdgeView.given` takes."""
    return {
        "type": "object",
        "properties": {name: kind},
        "required": [name],
        "additionalProperties": False,
    }


class EdgeBundle(EdgeView):
    """The bundle of the key's port: a signed manifest, and the parts that differ from `have`."""

    @extend_schema(
        operation_id="edge_bundle",
        request={"application/json": _only("have", {"type": "object"})},
        responses={200: OpenApiTypes.OBJECT, **PROBLEMS},
    )
    def post(self, request: Request) -> HttpResponse:
        have = self.given(request, "have", dict)
        edge = self.edge_of(request)
        found = port_bundle(port_code=edge.port_code, have=have, at=timezone.now())
        text = DjangoJSONEncoder(separators=(",", ":")).encode(found)
        headers = {"Cache-Control": "private, no-store"}
        body = text.encode()
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            body = gzip.compress(body, 1)
        return HttpResponse(body, content_type="application/json", headers=headers)


class EdgeJournal(EdgeView):
    """What the port did by itself: `entries`, each answered by what became of it."""

    @extend_schema(
        operation_id="edge_journal",
        request={
            "application/json": _only(
                "entries", {"type": "array", "items": {"type": "object"}, "maxItems": AT_ONCE}
            )
        },
        responses={200: OpenApiTypes.OBJECT, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        entries = self.given(request, "entries", list)
        if len(entries) > AT_ONCE or not all(isinstance(entry, dict) for entry in entries):
            raise Invalid(
                (FieldError("entries", "invalid", _("Send at most 50 entries, each an object.")),),
                _("Some fields are wrong."),
            )
        results = take(entries=entries, edge=self.edge_of(request))
        return Response({"results": results})
