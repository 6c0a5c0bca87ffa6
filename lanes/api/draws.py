"""The draws' commitments and seeds, for everybody: whoever wants to can recompute a shift."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lanes import queries
from lanes.api.limits import MOST, limit_of
from lanes.models import Shift
from lanes.queries.draws import published
from trustedtruck.core.errors import FieldError, Invalid, NotFound
from trustedtruck.core.fields import instant
from trustedtruck.core.openapi import PROBLEMS

USUAL = 30
METHOD = (
    "draw = first 53 bits of HMAC-SHA256(seed, identity) / 2^53; identity = truck:<number>, else"
    " tag:<EPC>, else plate:<jurisdiction>:<number>; commitment = SHA-256(seed)"
)


class ShiftSerializer(serializers.Serializer[Any]):
    """Bytes in hexadecimal. `seed` is null until the shift is over."""

    port = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    commitment = serializers.CharField()
    committed_at = serializers.DateTimeField()
    committed_in_time = serializers.BooleanField()
    seed = serializers.CharField(allow_null=True)
    revealed_at = serializers.DateTimeField(allow_null=True)


class DrawsSerializer(serializers.Serializer[Any]):
    method = serializers.CharField()
    shifts = ShiftSerializer(many=True)


class DrawsView(APIView):
    """Commitments before each shift, seeds after it. Public."""

    authentication_classes = []
    permission_classes = []

    @extend_schema(
        operation_id="draws",
        responses={200: DrawsSerializer, **PROBLEMS},
        parameters=[
            OpenApiParameter("port", str, description="one port only"),
            OpenApiParameter("limit", int, description=f"newest shifts, {USUAL} of at most {MOST}"),
        ],
        auth=[],
    )
    def get(self, request: Request) -> Response:
        port = request.query_params.get("port")
        if port is not None and not (port.isascii() and queries.known_port(port)):
            raise NotFound("port_unknown", _("There is no such port."))
        errors: list[FieldError] = []
        limit = limit_of(request, usual=USUAL, errors=errors)
        if errors:
            raise Invalid(tuple(errors), _("Some fields are wrong."))
        shifts = published(port, limit)
        body = {"method": METHOD, "shifts": [shift_body(shift) for shift in shifts]}
        return Response(body, headers={"Cache-Control": "public, max-age=30"})


def shift_body(shift: Shift) -> dict[str, Any]:
    return {
        "port": shift.port_id,
        "starts_at": instant(shift.starts_at),
        "ends_at": instant(shift.ends_at),
        "commitment": bytes(shift.commitment).hex(),
        "committed_at": instant(shift.committed_at),
        "committed_in_time": shift.committed_in_time,
        "seed": None if shift.seed is None else bytes(shift.seed).hex(),
        "revealed_at": instant(shift.revealed_at),
    }
