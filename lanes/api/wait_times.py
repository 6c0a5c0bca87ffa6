"""Waits at the ports, for everybody: drivers and dispatchers plan by them."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lanes import queries
from lanes.models import Lane, Port, Route
from lanes.queries.waits import WINDOW, RouteWaits, Times, Waits, waits
from lanes.rules.facts import LaneFacts
from lanes.rules.lane_choice import wait_for
from trustedtruck.core.errors import NotFound
from trustedtruck.core.fields import instant
from trustedtruck.core.openapi import PROBLEMS

DEFINITIONS = {
    "wait": "from the approach to the booth, trucks of the last hour",
    "crossing": "from the approach to the exit, trucks that left in the last hour",
    "free_flow": "5th percentile of the newest crossings of a week",
    "delay": "mean crossing - free flow",
    "buffer": "95th percentile of the crossing - its mean",
    "buffer_index": "buffer / mean crossing",
    "expected_wait": "trucks in the lane's queue x measured time at its booth; of a route, the "
    "shortest among its open lanes. With the lane policy `priority` fast trucks use every lane, "
    "and only fast trucks and the one at the booth count for them",
}


class TimesSerializer(serializers.Serializer[Any]):
    """`mean` and `p95` are null where no truck was measured."""

    trucks = serializers.IntegerField()
    mean = serializers.FloatField(allow_null=True)
    p95 = serializers.FloatField(allow_null=True)


class RouteWaitsSerializer(serializers.Serializer[Any]):
    route = serializers.ChoiceField(Route.choices)
    open_lanes = serializers.IntegerField()
    expected_wait_seconds = serializers.FloatField(allow_null=True)
    wait_seconds = TimesSerializer()
    crossing_seconds = TimesSerializer()
    free_flow_seconds = serializers.FloatField(allow_null=True)
    delay_seconds = serializers.FloatField(allow_null=True)
    buffer_seconds = serializers.FloatField(allow_null=True)
    buffer_index = serializers.FloatField(allow_null=True)


class LaneWaitsSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    route = serializers.ChoiceField(Route.choices)
    state = serializers.ChoiceField(Lane.State.choices)
    queue = serializers.IntegerField()
    service_seconds = serializers.FloatField()
    expected_wait_seconds = serializers.FloatField()
    wait_seconds = TimesSerializer()


class PortWaitsSerializer(serializers.Serializer[Any]):
    port = serializers.CharField()
    name = serializers.CharField()
    routes = RouteWaitsSerializer(many=True)
    lanes = LaneWaitsSerializer(many=True)


class WaitTimesSerializer(serializers.Serializer[Any]):
    """All times in seconds."""

    at = serializers.DateTimeField()
    window_minutes = serializers.IntegerField()
    definitions = serializers.DictField(child=serializers.CharField())
    ports = PortWaitsSerializer(many=True)


class WaitTimesView(APIView):
    """How long trucks wait and cross now, fast ones and others apart. Public."""

    authentication_classes = []
    permission_classes = []

    @extend_schema(
        operation_id="wait_times",
        responses={200: WaitTimesSerializer, **PROBLEMS},
        parameters=[OpenApiParameter("port", str, description="one port only")],
        auth=[],
    )
    def get(self, request: Request) -> Response:
        ports = list(Port.objects.order_by("code"))
        if (code := request.query_params.get("port")) is not None:
            ports = [port for port in ports if port.code == code]
            if not ports:
                raise NotFound("port_unknown", _("There is no such port."))
        body = {
            "at": instant(timezone.now()),
            "window_minutes": int(WINDOW.total_seconds() // 60),
            "definitions": DEFINITIONS,
            "ports": [_port(port) for port in ports],
        }
        return Response(body, headers={"Cache-Control": "public, max-age=15"})


def _port(port: Port) -> dict[str, Any]:
    found, board = waits(port.code), queries.lane_board(port.code)
    policy, lanes = queries.policy_in_force(port.code).lane_policy, queries.lanes_of(port.code)
    return {
        "port": port.code,
        "name": port.name,
        "routes": [_route(route, lanes, policy) for route in found.routes],
        "lanes": [_lane(lane, found) for lane in board],
    }


def _route(route: RouteWaits, lanes: tuple[LaneFacts, ...], lane_policy: str) -> dict[str, Any]:
    # With `priority` fast trucks use the others' lanes as well.
    every = lane_policy == "priority" and route.route == Route.FAST
    serving = [lane for lane in lanes if lane.open and (every or lane.route == route.route)]
    expected = [wait_for(lane, route.route, lane_policy) for lane in serving]
    return {
        "route": route.route,
        "open_lanes": len(serving),
        "expected_wait_seconds": _rounded(min(expected, default=None)),
        "wait_seconds": _times(route.wait),
        "crossing_seconds": _times(route.crossing),
        "free_flow_seconds": _rounded(route.free_flow),
        "delay_seconds": _rounded(route.delay),
        "buffer_seconds": _rounded(route.buffer),
        "buffer_index": _rounded(route.buffer_index, 3),
    }


def _lane(lane: Lane, found: Waits) -> dict[str, Any]:
    return {
        "code": lane.code,
        "name": lane.name,
        "route": lane.route,
        "state": lane.state,
        "queue": lane.queue,  # type: ignore[attr-defined]
        "service_seconds": _rounded(lane.service_seconds),
        "expected_wait_seconds": _rounded(lane.expected_wait_seconds),  # type: ignore[attr-defined]
        "wait_seconds": _times(found.lanes.get(lane.pk, Times(0, None, None))),
    }


def _times(times: Times) -> dict[str, Any]:
    return {"trucks": times.trucks, "mean": _rounded(times.mean), "p95": _rounded(times.p95)}


def _rounded(value: float | None, digits: int = 1) -> float | None:
    return None if value is None else round(value, digits)
