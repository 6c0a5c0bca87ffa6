"""The lane bundle for ports and agencies; cards, QR codes and fleet jobs for carriers too."""

import gzip
import uuid
from http import HTTPStatus

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from trustedtruck.accounts.roles import Scope
from trustedtruck.core.errors import FieldError, Invalid, NotFound, Unavailable
from trustedtruck.core.fields import instant
from trustedtruck.core.openapi import PROBLEMS
from trustedtruck.credentials.api import access, serializers
from trustedtruck.credentials.api.vc_api import issuer
from trustedtruck.credentials.formats import images
from trustedtruck.credentials.models import BulkJob
from trustedtruck.credentials.queries import bundle, cards
from trustedtruck.credentials.services.bulk import start_bulk


class LaneBundle(APIView):
    """The signed lane bundle: complete, or with `since` what changed after that sequence number.

    Ask with `If-None-Match`; 304 says that nothing is newer.
    """

    scope = Scope.CREDENTIALS_READ

    @extend_schema(
        operation_id="lane_bundle",
        parameters=[OpenApiParameter("since", OpenApiTypes.INT64)],
        responses={200: OpenApiTypes.OBJECT, 304: None, **PROBLEMS},
    )
    def get(self, request: Request) -> HttpResponse:
        access.check_not_a_carrier(request)
        since = _since(request.query_params.get("since"))
        seq = bundle.newest_seq()
        if seq is not None and request.headers.get("If-None-Match") == f'"{seq}"':
            return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": f'"{seq}"'})
        found = bundle.document(since)
        if found is None:
            raise Unavailable("bundle_not_built", _("The lane bundle has not been built yet."))
        seq, body = found
        headers = {"ETag": f'"{seq}"', "Cache-Control": "private, no-cache"}
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            body = gzip.compress(body, 1)
        return HttpResponse(body, content_type="application/json", headers=headers)


class CredentialCard(APIView):
    """The printable card, or the QR code alone."""

    scope = Scope.CREDENTIALS_READ

    @extend_schema(
        operation_id="credential_card",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY, **PROBLEMS},
    )
    def get(self, request: Request, public_id: uuid.UUID, form: str) -> HttpResponse:
        row = access.visible_credential(request, public_id)
        if form == "card.pdf":
            return HttpResponse(cards.card_pdf(row), content_type="application/pdf")
        if form == "qr.png":
            return HttpResponse(images.png(row.qr), content_type="image/png")
        if form == "qr.svg":
            return HttpResponse(images.svg(row.qr), content_type="image/svg+xml")
        raise NotFound("not_found", _("There is nothing here that you may see."))


class FleetCards(APIView):
    """All cards and QR codes of a carrier's active credentials, as a zip file."""

    scope = Scope.CREDENTIALS_READ

    @extend_schema(
        operation_id="fleet_cards",
        responses={(200, "application/zip"): OpenApiTypes.BINARY, **PROBLEMS},
    )
    def get(self, request: Request, public_id: uuid.UUID) -> HttpResponse:
        carrier = access.visible_carrier(request, public_id)
        return HttpResponse(
            cards.fleet_zip(carrier),
            content_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="{carrier.scac}.zip"'},
        )


class BulkJobs(APIView):
    """Ask for credentials for a whole fleet; a worker makes them."""

    scope = Scope.CREDENTIALS_ISSUE

    @extend_schema(
        operation_id="bulk_job_start",
        request=serializers.BulkRequest,
        responses={202: serializers.BulkAnswer, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        body = serializers.read(serializers.BulkRequest, request.data)
        by = issuer(request).actor
        carrier = access.visible_carrier(request, body["carrier"])
        job = start_bulk(carrier=carrier, action=body["action"], by=by, at=timezone.now())
        location = reverse("bulk-job", args=[job.public_id])
        return Response(_job(job), HTTPStatus.ACCEPTED, headers={"Location": location})


class BulkJobProgress(APIView):
    """How far a fleet's job is."""

    scope = Scope.CREDENTIALS_ISSUE

    @extend_schema(
        operation_id="bulk_job_progress", responses={200: serializers.BulkAnswer, **PROBLEMS}
    )
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        job = BulkJob.objects.filter(public_id=public_id).first()
        if job is None or not access.may_see(request, job.carrier_id):
            raise NotFound("bulk_job_unknown", _("There is no such job."))
        return Response(_job(job))


def _job(job: BulkJob) -> dict[str, object]:
    return {
        "id": str(job.public_id),
        "action": job.action,
        "state": job.state,
        "total": job.total,
        "done": job.done,
        "made": job.made,
        "error": job.error,
        "requested_at": instant(job.requested_at),
        "finished_at": None if job.finished_at is None else instant(job.finished_at),
    }


def _since(text: str | None) -> int | None:
    if text is None or text == "":
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        error = FieldError("since", "not_a_number", _("Write a sequence number, as in 17."))
        raise Invalid((error,), _("Some fields are wrong."))
    return int(text)
