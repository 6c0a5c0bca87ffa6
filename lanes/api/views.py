"""The lane-assignment API: translate, make one service call, present."""

import re
import uuid
from typing import Any

import structlog
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import APIException, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from lanes import metrics, queries
from lanes.api.serializers import (
    AnswerSerializer,
    ArrivalSerializer,
    LaneSerializer,
    PassageAnswerSerializer,
    PassageSerializer,
    answer_body,
)
from lanes.models import Lane
from lanes.services.arrive import arrive
from lanes.services.passages import report_passage
from lanes.services.receive import refuse
from trustedtruck.accounts.authentication import RememberedKeyAuthentication
from trustedtruck.accounts.models import Device, MachineKey
from trustedtruck.accounts.roles import Scope
from trustedtruck.accounts.signatures import SignatureAuthentication
from trustedtruck.core.api import StrictJSONParser
from trustedtruck.core.errors import DomainError, FieldError, Invalid, NotFound, Refused
from trustedtruck.core.openapi import PROBLEMS
from trustedtruck.core.problems import field_errors

log = structlog.get_logger(__name__)
# What in a body names a truck; a refused body with any of these is kept.
NAMES_A_TRUCK = ("tag_epc", "qr", "credential", "plate", "trip_number")
# Nothing of one report stays in it, so that one is enough; to make its fields takes longer than to
# ask them.
_ARRIVAL = ArrivalSerializer()
_WAIT = re.compile(r"wait\s*=\s*([0-9]{1,3}(?:\.[0-9]{1,3})?)", re.ASCII)


class ArrivalParser(StrictJSONParser):
    limit = 64 * 1024


class DeviceView(APIView):
    """A view for the key of a device; `self.device` is set when the handler runs."""

    parser_classes = [ArrivalParser]

    def device_of(self, request: Request) -> Device:
        key = request.auth
        if not isinstance(key, MachineKey) or key.device is None:
            raise PermissionDenied(_("This needs the key of a device."), "device_key_needed")
        return key.device


def patience(prefer: str) -> float | None:
    """Seconds that the caller will wait: None for until the deadline (RFC 7240)."""
    if re.search(r"\brespond-async\b", prefer):
        return 0.0
    match = _WAIT.search(prefer)
    return float(match[1]) if match else None


class ArrivalsView(DeviceView):
    """A truck has arrived: report it and get its lane."""

    scope = Scope.ARRIVALS_WRITE
    authentication_classes = [RememberedKeyAuthentication, SignatureAuthentication]

    @extend_schema(
        operation_id="report_arrival",
        request=ArrivalSerializer,
        responses={
            201: AnswerSerializer,
            200: OpenApiResponse(AnswerSerializer, "the same event again: the same answer"),
            202: OpenApiResponse(AnswerSerializer, "not decided within the wait asked for"),
            **PROBLEMS,
        },
        parameters=[
            OpenApiParameter(
                "Prefer",
                str,
                OpenApiParameter.HEADER,
                description="`wait=SECONDS`, or `respond-async` for 202 at once (RFC 7240)",
            )
        ],
    )
    def post(self, request: Request) -> Response:
        device = self.device_of(request)
        report = _ARRIVAL.report_of(request.data)
        if report.port != device.port_code:
            raise KeyOfAnotherPort
        wait = patience(request.headers.get("Prefer", ""))
        with metrics.answer_seconds.labels(report.port).time():
            answer, created = arrive(
                report=report,
                device=device,
                patience_s=wait,
                request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
                key_id=request.auth.pk,
            )
        log.info(
            "arrival_answered",
            arrival=str(answer.id),
            event_id=report.event_id,
            port=report.port,
            route=answer.route,
        )
        status = 202 if not answer.assigned else 201 if created else 200
        response = Response(answer_body(answer), status=status)
        response["Location"] = reverse("arrival", args=[answer.id])
        if wait is not None:
            response["Preference-Applied"] = "respond-async" if wait == 0 else f"wait={wait:g}"
        return response

    def handle_exception(self, exc: Exception) -> Response:
        """Keep what was refused, where it names a truck and we know the device."""
        exc = self._asked_again(exc)
        if isinstance(exc, (ValidationError, Refused, KeyOfAnotherPort)):
            self._keep(exc)
        return super().handle_exception(exc)

    def _asked_again(self, exc: Exception) -> Exception:
        """Why the request is refused, once the database has been asked for a remembered key."""
        if not isinstance(exc, (APIException, DomainError)):
            return exc
        by = self.request.successful_authenticator
        try:
            if isinstance(by, RememberedKeyAuthentication):
                by.ask_again(self.request)
        except Exception as found:  # it is refused by now, or the database does not answer
            return found
        return exc

    def _keep(self, exc: ValidationError | Refused | PermissionDenied) -> None:
        body = self.request.data
        if not isinstance(body, dict) or not any(body.get(name) for name in NAMES_A_TRUCK):
            return
        if isinstance(exc, Refused):
            code, errors = exc.code, []
        elif isinstance(exc, ValidationError):
            code, errors = "invalid", list(field_errors(exc.detail))
        else:
            code, errors = KeyOfAnotherPort.default_code, []
        metrics.refusals.labels(code).inc()
        refuse(
            device=self.device_of(self.request),
            code=code,
            body=body,
            errors=[{"field": e.field, "code": e.code, "text": str(e.text)} for e in errors],
            event_id=str(body.get("event_id", ""))[:64],
            port=str(body.get("port", ""))[:4],
        )


class KeyOfAnotherPort(PermissionDenied):
    default_detail = _("This key belongs to a device of another port.")
    default_code = "key_of_another_port"


class ArrivalView(DeviceView):
    """One arrival of the device's port, with its lane once it has one."""

    scope = Scope.ARRIVALS_WRITE

    @extend_schema(operation_id="arrival", responses={200: AnswerSerializer, **PROBLEMS})
    def get(self, request: Request, arrival_id: uuid.UUID) -> Response:
        port = self.device_of(request).port_code
        answer = queries.answer(arrival_id, port) or queries.past_answer(arrival_id, port)
        if answer is None:
            raise NotFound("arrival_unknown", _("There is no such arrival at this port."))
        return Response(answer_body(answer))


class PassagesView(DeviceView):
    """A truck has passed a point on its way through the port."""

    scope = Scope.PASSAGES_WRITE

    @extend_schema(
        operation_id="report_passage",
        request=PassageSerializer,
        responses={
            201: PassageAnswerSerializer,
            200: OpenApiResponse(PassageAnswerSerializer, "the same event again"),
            **PROBLEMS,
        },
    )
    def post(self, request: Request, arrival_id: uuid.UUID) -> Response:
        device = self.device_of(request)
        serializer = PassageSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        lane_code = values.pop("lane", None)
        lane = None
        if lane_code:
            lane = Lane.objects.filter(port_id=device.port_code, code=lane_code).first()
            if lane is None:
                raise Invalid(
                    (FieldError("lane", "unknown_lane", _("There is no such lane at this port.")),),
                    _("Some fields are wrong."),
                )
        passage, created = report_passage(
            arrival_id=arrival_id, device=device, lane=lane, port_code=device.port_code, **values
        )
        log.info("passage_reported", arrival=str(arrival_id), point=passage.point, lane=lane_code)
        body: dict[str, Any] = PassageAnswerSerializer(passage).data
        return Response(body, status=201 if created else 200)


class LanesView(DeviceView):
    """The lanes of the device's port, with queue and expected wait as of this second."""

    scope = Scope.LANES_READ

    @extend_schema(operation_id="lanes", responses={200: LaneSerializer(many=True), **PROBLEMS})
    def get(self, request: Request, code: str) -> Response:
        if self.device_of(request).port_code != code:
            raise NotFound("port_unknown", _("There is no such port for this key."))
        return Response(LaneSerializer(queries.lane_board(code), many=True).data)
