"""The scanners' API: translate, make one service call, present."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import UnsupportedMediaType, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from lanes.api.views import DeviceView
from lanes.inspections.api.serializers import ScanAnswerSerializer, ScanSerializer, scan_body
from lanes.inspections.models import Scan
from lanes.inspections.services.scans import post_scan, store_image
from lanes.inspections.storage import FORMATS
from lanes.services.receive import refuse
from trustedtruck.accounts.roles import Scope
from trustedtruck.core.errors import DomainError, FieldError, NotFound
from trustedtruck.core.openapi import PROBLEMS
from trustedtruck.core.problems import field_errors

MEDIA_TYPES = tuple(FORMATS.values())


class ScansView(DeviceView):
    """A scanner has scanned a truck."""

    scope = Scope.SCANS_WRITE

    @extend_schema(
        operation_id="post_scan",
        request=ScanSerializer,
        responses={
            201: ScanAnswerSerializer,
            200: OpenApiResponse(ScanAnswerSerializer, "the same event again: the same answer"),
            **PROBLEMS,
        },
    )
    def post(self, request: Request, arrival_id: uuid.UUID) -> Response:
        device = self.device_of(request)
        serializer = ScanSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        scan, created = post_scan(
            arrival_id=arrival_id, device=device, scan=serializer.scan(), at=timezone.now()
        )
        # What the database's clock wrote is read back.
        scan = Scan.objects.select_related("inspection", "station").get(pk=scan.pk)
        response = Response(scan_body(scan), status=201 if created else 200)
        response["Location"] = f"/api/v1/scans/{scan.pk}/"
        return response

    def handle_exception(self, exc: Exception) -> Response:
        """A scan that cannot be taken is kept all the same, as a refusal."""
        body = self.request.data if isinstance(exc, DomainError | ValidationError) else None
        if isinstance(body, dict):
            wrong: Iterable[FieldError] = exc.errors if isinstance(exc, DomainError) else ()
            if isinstance(exc, ValidationError):
                wrong = field_errors(exc.detail)
            refuse(
                device=self.device_of(self.request),
                code=exc.code if isinstance(exc, DomainError) else "invalid",
                body={"scan": body, "arrival": str(self.kwargs["arrival_id"])},
                errors=[{"field": e.field, "code": e.code, "text": str(e.text)} for e in wrong],
                event_id=str(body.get("event_id", ""))[:64],
                port=self.device_of(self.request).port_code,
            )
        return super().handle_exception(exc)


class ScanView(DeviceView):
    """One scan of the device's port."""

    scope = Scope.SCANS_WRITE

    @extend_schema(operation_id="scan", responses={200: ScanAnswerSerializer, **PROBLEMS})
    def get(self, request: Request, scan_id: uuid.UUID) -> Response:
        return Response(scan_body(_scan(scan_id, self.device_of(request).port_code)))


class ScanImageView(DeviceView):
    """One picture of a scan, as its bytes, at most 64 MB."""

    scope = Scope.SCANS_WRITE

    @extend_schema(
        operation_id="send_scan_image",
        request=dict.fromkeys(MEDIA_TYPES, OpenApiTypes.BINARY),
        responses={
            201: ScanAnswerSerializer,
            200: OpenApiResponse(ScanAnswerSerializer, "the same picture again"),
            **PROBLEMS,
        },
    )
    def put(self, request: Request, scan_id: uuid.UUID, position: int) -> Response:
        device = self.device_of(request)
        if request.content_type.partition(";")[0].strip().lower() not in MEDIA_TYPES:
            raise UnsupportedMediaType(request.content_type)
        _image, created = store_image(
            scan_id=scan_id,
            position=position,
            # The raw stream: nothing may hold 64 MB in memory.
            stream=request._request,
            device=device,
            at=timezone.now(),
        )
        body: dict[str, Any] = scan_body(_scan(scan_id, device.port_code))
        return Response(body, status=201 if created else 200)


def _scan(scan_id: uuid.UUID, port_code: str) -> Scan:
    rows = Scan.objects.select_related("inspection", "station")
    found = rows.filter(pk=scan_id, port=port_code).first()
    if found is None:
        raise NotFound("scan_unknown", _("There is no such scan at this port."))
    return found
