"""The bodies of the VC-API and of the programme's own addresses."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from trustedtruck.core.fields import InstantField, Strict, TextField
from trustedtruck.credentials.formats.vcdm import PURPOSES
from trustedtruck.credentials.models import BulkJob
from trustedtruck.credentials.states import Reason


def read(kind: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """The validated body, or a problem that names every wrong field."""
    serializer = kind(data=data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


@extend_schema_field(OpenApiTypes.ANY)
class AnyField(serializers.JSONField):
    """A JSON object or text that the verifier reads itself."""


class ObjectField(serializers.DictField):
    """A JSON object with names of its own."""


class OptionsSerializer(serializers.Serializer[Any]):
    """VC-API options; those that are not ours are passed over, as the specification asks."""

    format = serializers.ChoiceField(["vc+jwt", "eddsa-jcs-2022"], default="vc+jwt")


class VerifyRequest(serializers.Serializer[Any]):
    verifiableCredential = AnyField()  # noqa: N815 - the specification's name
    options = ObjectField(required=False)


class PresentationRequest(serializers.Serializer[Any]):
    verifiablePresentation = AnyField()  # noqa: N815
    options = ObjectField(required=False)


class FailureSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()


class VerifyAnswer(serializers.Serializer[Any]):
    verified = serializers.BooleanField()
    checks = serializers.ListField(child=serializers.CharField())
    warnings = serializers.ListField(child=serializers.CharField())
    errors = FailureSerializer(many=True)  # type: ignore[assignment]
    credential = ObjectField(allow_null=True)


class PresentationAnswer(serializers.Serializer[Any]):
    verified = serializers.BooleanField()
    checks = serializers.ListField(child=serializers.CharField())
    credentialResults = VerifyAnswer(many=True)  # noqa: N815


class CredentialToIssue(serializers.Serializer[Any]):
    """An unsigned credential; `credentialSubject.id` names a subject of the programme."""

    credentialSubject = ObjectField()  # noqa: N815
    validUntil = InstantField(required=False)  # noqa: N815


class IssueRequest(serializers.Serializer[Any]):
    credential = CredentialToIssue()
    options = OptionsSerializer(required=False, default=dict)


class IssueAnswer(serializers.Serializer[Any]):
    verifiableCredential = ObjectField()  # noqa: N815


class StatusEntry(serializers.Serializer[Any]):
    statusPurpose = serializers.ChoiceField(PURPOSES)  # noqa: N815
    status = serializers.BooleanField()


class StatusRequest(Strict):
    credentialId = TextField(max_length=64)  # noqa: N815
    credentialStatus = StatusEntry()  # noqa: N815
    reason = serializers.ChoiceField(Reason.choices)


class StatusAnswer(serializers.Serializer[Any]):
    credentialId = serializers.CharField()  # noqa: N815
    state = serializers.CharField()


class BulkRequest(Strict):
    carrier = serializers.UUIDField()
    action = serializers.ChoiceField(BulkJob.Action.choices)


class BulkAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    action = serializers.CharField()
    state = serializers.CharField()
    total = serializers.IntegerField()
    done = serializers.IntegerField()
    made = serializers.IntegerField()
    error = serializers.CharField()
    requested_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class OfferRequest(Strict):
    credential = serializers.UUIDField()


class OfferAnswer(serializers.Serializer[Any]):
    uri = serializers.CharField()
    pin = serializers.CharField()
    expires_at = serializers.DateTimeField()
