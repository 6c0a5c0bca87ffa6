"""A carrier's crossings, for its own systems: what was decided on each of its trucks, in order."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lanes.api.limits import MOST, limit_of
from lanes.api.serializers import LaneRefSerializer, ReasonSerializer
from lanes.models import Assignment, Direction, Override, Passage, Route
from lanes.queries.archive import crossings_after
from lanes.queries.overrides import overrides_in_force
from lanes.reasons import for_carriers, own_words, reason_text
from trustedtruck.accounts.models import MachineKey
from trustedtruck.accounts.roles import Scope
from trustedtruck.core.clock import database_now
from trustedtruck.core.errors import FieldError, Invalid
from trustedtruck.core.fields import instant
from trustedtruck.core.openapi import PROBLEMS
from trustedtruck.manifests.models import Trip

USUAL = 100
# A decision is committed within moments of its instant. Younger ones are left to the next page, so
# that none comes to stand before a cursor that was given out.
SETTLED = timedelta(seconds=5)
_CURSOR = re.compile(r"([0-9]{1,17})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class OrderSerializer(serializers.Serializer[Any]):
    """What officers ordered after the decision; `reason` is empty where it is their own words."""

    route = serializers.ChoiceField(Route.choices)
    at = serializers.DateTimeField()
    reason = serializers.CharField()


class PassedSerializer(serializers.Serializer[Any]):
    point = serializers.ChoiceField(Passage.Point.choices)
    at = serializers.DateTimeField()


class CrossingSerializer(serializers.Serializer[Any]):
    """One arrival as it was decided. `truck` is the carrier's own number of it; `trip_number` is
    empty where the truck came with none of the carrier's. `override` is set where officers ordered
    otherwise since."""

    id = serializers.UUIDField()
    port = serializers.CharField()
    direction = serializers.ChoiceField(Direction.choices)
    trip_number = serializers.CharField()
    truck = serializers.CharField(allow_null=True)
    arrived_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField()
    route = serializers.ChoiceField(Route.choices)
    lane = LaneRefSerializer(allow_null=True)
    reasons = ReasonSerializer(many=True)
    override = OrderSerializer(allow_null=True)
    passages = PassedSerializer(many=True)


class CrossingsSerializer(serializers.Serializer[Any]):
    """`next` is the cursor to go on from, also where there is no more yet."""

    items = CrossingSerializer(many=True)
    next = serializers.CharField(allow_blank=True)
    more = serializers.BooleanField()


class CrossingsView(APIView):
    """The crossings of the carrier's trucks, the oldest first, from a cursor on."""

    scope = Scope.CROSSINGS_READ

    @extend_schema(
        operation_id="crossings",
        parameters=[
            OpenApiParameter(
                "after", str, description="`next` of the page before; without it, from the first."
            ),
            OpenApiParameter(
                "limit", int, description=f"How many at most: 1 to {MOST}, usually {USUAL}."
            ),
        ],
        responses={200: CrossingsSerializer, **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        key = request.auth
        if not isinstance(key, MachineKey) or key.carrier_id is None:
            raise PermissionDenied(_("This needs the key of a carrier."), "carrier_key_needed")
        after, limit = _paging(request)
        settled = database_now(afresh=True) - SETTLED
        rows = crossings_after(key.carrier_id, after, before=settled, limit=limit + 1)
        shown = rows[:limit]
        return Response(
            {
                "items": _bodies(key.carrier_id, shown),
                "next": _cursor(shown[-1][0]) if shown else request.query_params.get("after", ""),
                "more": len(rows) > limit,
            }
        )


def _paging(request: Request) -> tuple[tuple[datetime, uuid.UUID] | None, int]:
    """`after` and `limit`. Raises `Invalid` that names both where both are wrong."""
    errors: list[FieldError] = []
    after = None
    if text := request.query_params.get("after", ""):
        if match := _CURSOR.fullmatch(text):
            after = _EPOCH + int(match[1]) * _MICROSECOND, uuid.UUID(match[2])
        else:
            wrong = _("This is no cursor: give `next` of the page before.")
            errors.append(FieldError("after", "cursor_unknown", wrong))
    limit = limit_of(request, usual=USUAL, errors=errors)
    if errors:
        raise Invalid(tuple(errors), _("Some fields are wrong."))
    return after, limit


def _cursor(row: Assignment) -> str:
    return f"{(row.decided_at - _EPOCH) // _MICROSECOND}-{row.pk}"


def _bodies(carrier_id: int, rows: list[tuple[Assignment, list[Passage]]]) -> list[dict[str, Any]]:
    orders = overrides_in_force(row.pk for row, _passages in rows)
    # What a gate read can be another's: of a copied tag, or with another's papers.
    trips = Trip.objects.filter(
        carrier_id=carrier_id, trip_number__in={row.arrival.trip_number for row, _passages in rows}
    )
    own = set(trips.values_list("trip_number", flat=True))
    return [
        _body(row, orders.get(row.pk), row.arrival.trip_number in own, passages)
        for row, passages in rows
    ]


def _body(
    row: Assignment, order: Override | None, own_trip: bool, passages: list[Passage]
) -> dict[str, Any]:
    lane = row.lane
    return {
        "id": str(row.pk),
        "port": row.port_id,
        "direction": row.arrival.direction,
        "trip_number": row.arrival.trip_number if own_trip else "",
        "truck": row.truck.number if row.truck else None,
        "arrived_at": instant(row.arrival.received_at),
        "decided_at": instant(row.decided_at),
        "route": row.route,
        "lane": {"code": lane.code, "name": lane.name} if lane else None,
        "reasons": [
            {"code": code, "text": str(reason_text(code))} for code in for_carriers(row.reasons)
        ],
        "override": order
        and {
            "route": order.route,
            "at": instant(order.effective_at),
            "reason": own_words(order.reason),
        },
        "passages": [{"point": one.point, "at": instant(one.at)} for one in passages],
    }
