"""Receiving plant-health certificates and reading what they were understood as."""

import uuid
from http import HTTPStatus
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from trustedtruck.accounts.models import MachineKey
from trustedtruck.accounts.roles import Scope
from trustedtruck.core.api import body_of
from trustedtruck.core.errors import NotFound
from trustedtruck.core.openapi import PROBLEMS
from trustedtruck.manifests.api.parsers import XML, TextXML
from trustedtruck.manifests.api.schema import CERTIFICATE, text
from trustedtruck.manifests.api.senders import NoFiler
from trustedtruck.manifests.models import Certificate
from trustedtruck.manifests.services import certificates


def _key(request: Request) -> MachineKey:
    if not isinstance(request.auth, MachineKey):
        raise NoFiler
    return request.auth


class Certificates(APIView):
    """File a plant-health certificate: an SPSCertificate, by itself or in an envelope."""

    scope = Scope.MANIFESTS_WRITE
    parser_classes = [XML, TextXML]

    @extend_schema(
        operation_id="plant_health_certificate_file",
        request={"application/xml": text(), "text/xml": text()},
        responses={200: CERTIFICATE, 201: CERTIFICATE, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        received = certificates.receive(
            body=body_of(request), by=_key(request).actor, at=timezone.now()
        )
        certificate = received.certificate
        return Response(
            describe(certificate) | {"repeated": received.repeated},
            status=HTTPStatus.OK if received.repeated else HTTPStatus.CREATED,
            headers={"Location": reverse("plant-health-certificate", args=[certificate.public_id])},
        )


class CertificateByID(APIView):
    """Read a certificate."""

    scope = Scope.MANIFESTS_WRITE

    @extend_schema(
        operation_id="plant_health_certificate_read", responses={200: CERTIFICATE, **PROBLEMS}
    )
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        key = _key(request)
        found = Certificate.objects.filter(public_id=public_id)
        if key.carrier_id is not None:
            found = found.filter(messages__received_from=str(key.actor)).distinct()
        certificate = found.first()
        if certificate is None:
            raise NotFound("no_such_certificate", _("There is no such certificate on file."))
        return Response(describe(certificate))


def describe(c: Certificate) -> dict[str, Any]:
    """The certificate as JSON, with what was not understood of it."""
    return {
        "id": str(c.public_id),
        "number": c.number,
        "issuing_country": c.issuing_country,
        "type_code": c.type_code,
        "state": c.state,
        "issued_at": c.issued_at,
        "issuer": c.issuer,
        "consignor": c.consignor,
        "consignee": c.consignee,
        "export_country": c.export_country,
        "import_country": c.import_country,
        "replaces": c.replaces,
        "seals": [{"number": s.number, "equipment": s.equipment_number} for s in c.seals.all()],
        "lines": [
            {
                "hs_code": line.hs_code,
                "scientific_name": line.scientific_name,
                "common_name": line.common_name,
                "description": line.description,
                "origin_country": line.origin_country,
                "net_weight_kg": line.net_weight_kg,
                "gross_weight_kg": line.gross_weight_kg,
            }
            for line in c.lines.all()[:1000]
        ],
        "not_understood": c.not_understood,
    }
