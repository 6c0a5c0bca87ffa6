"""Filing manifests and reading what became of them."""

import hashlib
import uuid
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from trustedtruck.accounts.roles import Scope
from trustedtruck.core.errors import NotFound
from trustedtruck.manifests import tasks
from trustedtruck.manifests.api.parsers import RawJSON
from trustedtruck.manifests.api.schema import MANIFEST, SUBMISSION, TRIP
from trustedtruck.manifests.api.senders import sender_of
from trustedtruck.manifests.models import Submission
from trustedtruck.manifests.queries.trips import describe, visible_trip
from trustedtruck.manifests.services import intake


class Manifests(APIView):
    """File a manifest: at once where it is small, through a worker where it is large."""

    scope = Scope.MANIFESTS_WRITE
    parser_classes = [RawJSON]

    @extend_schema(
        operation_id="manifest_file",
        request={"application/json": MANIFEST},
        responses={200: SUBMISSION, 201: SUBMISSION, 202: SUBMISSION},
    )
    def post(self, request: Request) -> Response | HttpResponse:
        sender = sender_of(request)
        body = request.data if isinstance(request.data, bytes) else b""
        kind, key = Submission.Kind.JSON, hashlib.sha256(body).hexdigest()
        at = timezone.now()
        row, repeated = intake.receive(
            kind=kind, body=body, key=key, options={}, sender=sender, at=at
        )
        if len(body) > intake.LARGE and row.state == Submission.State.WAITING:
            transaction.on_commit(lambda: tasks.hint(row.pk))
            return self.later(row)
        refusal = intake.work_off(row.pk, at=at)
        if refusal is not None:
            raise refusal
        row.refresh_from_db()
        repeated = repeated or row.result.get("repeated", False)
        return Response(
            {"submission": str(row.public_id), **row.result, "repeated": repeated},
            status=HTTPStatus.OK if repeated else HTTPStatus.CREATED,
            headers=location(row),
        )

    @staticmethod
    def later(row: Submission) -> Response:
        return Response(status_of(row), status=HTTPStatus.ACCEPTED, headers=location(row))


class ManifestOfTrip(APIView):
    """Read a trip with its state and every version filed."""

    scope = Scope.MANIFESTS_WRITE

    @extend_schema(operation_id="manifest_read", responses={200: TRIP})
    def get(self, request: Request, trip_number: str) -> Response:
        sender = sender_of(request)
        trip = visible_trip(trip_number, carrier=sender.carrier, port_code=sender.port_code)
        return Response(describe(trip))


class SubmissionStatus(APIView):
    """How far a message is."""

    scope = Scope.MANIFESTS_WRITE

    @extend_schema(operation_id="manifest_submission_read", responses={200: SUBMISSION})
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
