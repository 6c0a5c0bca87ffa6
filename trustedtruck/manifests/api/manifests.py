"""Filing manifests and reading what became of them."""

import uuid
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from trustedtruck.accounts.roles import Scope
from trustedtruck.core.api import JSONRenderer, body_of
from trustedtruck.core.errors import NotFound
from trustedtruck.core.openapi import PROBLEMS
from trustedtruck.manifests import tasks
from trustedtruck.manifests.api.parsers import CSV, X12, RawJSON, X12Renderer
from trustedtruck.manifests.api.schema import MANIFEST, SUBMISSION, TRIP, text
from trustedtruck.manifests.api.senders import sender_of
from trustedtruck.manifests.models import Submission
from trustedtruck.manifests.queries.trips import describe, status_350, visible_trip
from trustedtruck.manifests.services import intake


class Manifests(APIView):
    """File a manifest: at once where it is small, through a worker where it is large."""

    scope = Scope.MANIFESTS_WRITE
    parser_classes = [RawJSON, X12, CSV]
    renderer_classes = [JSONRenderer, X12Renderer]

    @extend_schema(
        operation_id="manifest_file",
        parameters=[
            OpenApiParameter("trip_number", str, description="The trip that a CSV table is for."),
            OpenApiParameter("scac", str, description="The carrier that a CSV table is of."),
        ],
        request={
            "application/json": MANIFEST,
            "application/edi-x12": text(),
            "text/csv": text(),
        },
        responses={
            (200, "application/json"): SUBMISSION,
            (201, "application/json"): SUBMISSION,
            (202, "application/json"): SUBMISSION,
            (200, "application/edi-x12"): text(),
            **PROBLEMS,
        },
    )
    def post(self, request: Request) -> Response | HttpResponse:
        sender = sender_of(request)
        body = body_of(request)
        kind = kind_of(request)
        options = {
            name: str(request.query_params.get(name, ""))[:25] for name in ("trip_number", "scac")
        }
        at = timezone.now()
        row, repeated = intake.file(kind=kind, body=body, options=options, sender=sender, at=at)
        if len(body) > intake.LARGE and row.state == Submission.State.WAITING:
            tasks.hint()
            return Response(status_of(row), status=HTTPStatus.ACCEPTED, headers=location(row))
        refusal = intake.work_off(row.pk, at=at)
        if refusal is not None:
            raise refusal
        row.refresh_from_db()
        if kind == Submission.Kind.X12:
            return HttpResponse(
                row.reply, content_type="application/edi-x12", headers=location(row)
            )
        repeated = repeated or row.result.get("repeated", False)
        return Response(
            {"submission": str(row.public_id), **row.result, "repeated": repeated},
            status=HTTPStatus.OK if repeated else HTTPStatus.CREATED,
            headers=location(row),
        )


def kind_of(request: Request) -> str:
    media = (request.content_type or "").partition(";")[0].strip().lower()
    kinds = {X12.media_type: Submission.Kind.X12, CSV.media_type: Submission.Kind.CSV}
    return kinds.get(media, Submission.Kind.JSON)


class ManifestOfTrip(APIView):
    """Read a trip with its state and every version filed."""

    scope = Scope.MANIFESTS_WRITE
    renderer_classes = [JSONRenderer, X12Renderer]

    @extend_schema(
        operation_id="manifest_read",
        responses={
            (200, "application/json"): TRIP,
            (200, "application/edi-x12"): text(),
            **PROBLEMS,
        },
    )
    def get(self, request: Request, trip_number: str) -> Response | HttpResponse:
        sender = sender_of(request)
        trip = visible_trip(trip_number, carrier=sender.carrier, port_code=sender.port_code)
        if isinstance(request.accepted_renderer, X12Renderer):
            return HttpResponse(
                status_350(trip, at=timezone.now()), content_type=X12Renderer.media_type
            )
        return Response(describe(trip))


class SubmissionStatus(APIView):
    """How far a message is."""

    scope = Scope.MANIFESTS_WRITE

    @extend_schema(operation_id="manifest_submission_read", responses={200: SUBMISSION, **PROBLEMS})
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        sender = sender_of(request)
        row = Submission.objects.filter(public_id=public_id, sender=str(sender.actor)).first()
        if row is None:
            raise NotFound("no_such_submission", _("There is no such message of yours."))
        return Response(status_of(row))


def location(row: Submission) -> dict[str, str]:
    return {"Location": reverse("manifest-submission", args=[row.public_id])}


def status_of(row: Submission) -> dict[str, Any]:
    """The state of a message: `waiting`, `accepted` or `rejected`, with its result."""
    return {
        "submission": str(row.public_id),
        "kind": row.kind,
        "state_of_message": row.state,
        "received_at": row.received_at,
        "finished_at": row.finished_at,
        "done": row.done,
        "total": row.total,
        "result": row.result,
        "reply": row.reply,
    }
