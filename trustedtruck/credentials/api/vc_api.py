"""The VC-API of the W3C CCG: issue and status for key holders, verify for everybody."""

import uuid
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from trustedtruck.accounts.models import MachineKey
from trustedtruck.accounts.roles import Scope
from trustedtruck.core.errors import DomainError, FieldError, Invalid, NotFound
from trustedtruck.core.openapi import PROBLEMS
from trustedtruck.credentials import services
from trustedtruck.credentials.api import serializers
from trustedtruck.credentials.api.throttle import PublicThrottle
from trustedtruck.credentials.failures import Failure
from trustedtruck.credentials.models import Credential
from trustedtruck.credentials.queries.checks import Check, check_online
from trustedtruck.credentials.queries.keys import current_keys
from trustedtruck.credentials.queries.subjects import find_subject
from trustedtruck.credentials.services.publish import with_data_integrity
from trustedtruck.credentials.services.subjects import carrier_of, properties
from trustedtruck.credentials.verify import envelope

MAX_PRESENTED = 16


_OVER = FieldError(
    "credential.validUntil", "in_the_past", _("Name an instant that is still to come.")
)
_FINAL = FieldError(
    "credentialStatus.status",
    "revocation_is_final",
    _("A revocation cannot be taken back; issue a new credential."),
)


class Malformed(DomainError):
    """What was sent is no credential (400); `code` is the verifier's."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code, failure.text, HTTPStatus.BAD_REQUEST)


class Verify(APIView):
    """Check one credential, in any of the programme's formats: 200 with `verified` either way, 400
    for what is no credential."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (PublicThrottle,)

    @extend_schema(
        operation_id="credential_verify",
        request=serializers.VerifyRequest,
        responses={200: serializers.VerifyAnswer, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        body = serializers.read(serializers.VerifyRequest, request.data)
        check = check_online(body["verifiableCredential"], at=timezone.now(), keys=current_keys())
        if check.malformed:
            raise Malformed(check.failures[0])
        return Response(described(check))


class VerifyPresentation(APIView):
    """Check a presentation: each credential in it, as `Verify` does."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (PublicThrottle,)

    @extend_schema(
        operation_id="presentation_verify",
        request=serializers.PresentationRequest,
        responses={200: serializers.PresentationAnswer, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        body = serializers.read(serializers.PresentationRequest, request.data)
        held = presented(body["verifiablePresentation"])
        at, keys = timezone.now(), current_keys()
        results = [described(check_online(value, at=at, keys=keys)) for value in held]
        return Response(
            {
                "verified": all(result["verified"] for result in results),
                "checks": ["credentials"],
                "credentialResults": results,
            }
        )


class Issue(APIView):
    """Issue a credential for a subject that the programme knows.

    The issuer signs its own record, never the caller's word: whatever the caller states of the
    subject must agree with the record.
    """

    scope = Scope.CREDENTIALS_ISSUE

    @extend_schema(
        operation_id="credential_issue",
        request=serializers.IssueRequest,
        responses={201: serializers.IssueAnswer, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        body = serializers.read(serializers.IssueRequest, request.data)
        wanted, at = body["credential"], timezone.now()
        by = issuer(request).actor
        subject = find_subject(_uuid(wanted["credentialSubject"].get("id"), "credentialSubject.id"))
        _agree(wanted["credentialSubject"], properties(subject, carrier_of(subject)))
        if "validUntil" in wanted and wanted["validUntil"] <= at:
            raise Invalid((_OVER,), _("Some fields are wrong."))
        (made,) = services.issue_credentials(
            [subject], by=by, at=at, valid_until=wanted.get("validUntil")
        )
        if body["options"].get("format") == "eddsa-jcs-2022":
            signed: dict[str, Any] = with_data_integrity(made, by=by, at=at)
        else:
            signed = dict(envelope(made.vc_jwt))
        return Response({"verifiableCredential": signed}, status=HTTPStatus.CREATED)


class Status(APIView):
    """Suspend, reinstate or revoke: `credentialStatus` names purpose and value."""

    scope = Scope.CREDENTIALS_ISSUE

    @extend_schema(
        operation_id="credential_status",
        request=serializers.StatusRequest,
        responses={200: serializers.StatusAnswer, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        body = serializers.read(serializers.StatusRequest, request.data)
        public_id = _uuid(body["credentialId"], "credentialId")
        row = Credential.objects.filter(public_id=public_id).first()
        if row is None:
            raise NotFound("credential_unknown", _("There is no such credential."))
        entry, reason = body["credentialStatus"], body["reason"]
        by, at = issuer(request).actor, timezone.now()
        if entry["statusPurpose"] == "revocation":
            if not entry["status"]:
                raise Invalid((_FINAL,), _("Some fields are wrong."))
            row = services.revoke(credential=row, by=by, at=at, reason=reason)
        elif entry["status"]:
            row = services.suspend(credential=row, by=by, at=at, reason=reason)
        else:
            row = services.reinstate(credential=row, by=by, at=at, reason=reason)
        return Response({"credentialId": f"urn:uuid:{row.public_id}", "state": row.state})


def described(check: Check) -> dict[str, Any]:
    """VC-API's answer, with our codes and sentences."""
    claims = check.claims
    return {
        "verified": check.ok,
        "checks": ["format", "proof", "validity", "status"] if check.genuine else ["format"],
        "warnings": [],
        "errors": [{"code": f.code, "text": str(f.text)} for f in check.failures],
        "credential": (
            {
                "id": f"urn:uuid:{claims.public_id}",
                "kind": claims.kind,
                "subject": f"urn:uuid:{claims.subject_id}",
                "issuer": claims.issuer,
                "tag_epc": claims.tag_epc,
                "plate": {"number": claims.plate_number, "jurisdiction": claims.plate_jurisdiction},
                "valid_from": claims.valid_from,
                "valid_until": claims.valid_until,
            }
            if check.genuine
            else None
        ),
    }


def presented(value: Any) -> list[Any]:
    """The credentials of an unsigned presentation. Raises `Malformed`."""
    if not isinstance(value, dict):
        raise Malformed(Failure("presentation_shape"))
    types = value.get("type")
    if "VerifiablePresentation" not in (types if isinstance(types, list) else [types]):
        raise Malformed(Failure("presentation_shape"))
    held = value.get("verifiableCredential", [])
    held = held if isinstance(held, list) else [held]
    if not held:
        raise Malformed(Failure("presentation_empty"))
    if len(held) > MAX_PRESENTED:
        raise Malformed(Failure("presentation_too_many"))
    return held


def issuer(request: Request) -> MachineKey:
    """The key that `HasScope` has let in, if it is an agency's: no carrier vouches for itself."""
    if not isinstance(request.auth, MachineKey) or request.auth.agency_id is None:
        raise PermissionDenied
    return request.auth


def _agree(stated: dict[str, Any], record: dict[str, Any]) -> None:
    wrong = tuple(
        FieldError(
            f"credential.credentialSubject.{name}",
            "differs_from_record",
            _("The programme's record says otherwise."),
        )
        for name, value in stated.items()
        if name not in ("id", "type") and record.get(name) != value
    )
    if wrong:
        raise Invalid(wrong, _("Some fields are wrong."))


def _uuid(value: Any, field: str) -> uuid.UUID:
    try:
        return uuid.UUID(str(value).removeprefix("urn:uuid:"))
    except ValueError:
        error = FieldError(field, "not_a_uuid", _("Write this as urn:uuid: and a UUID."))
        raise Invalid((error,), _("Some fields are wrong.")) from None
