"""What every operation of the API may refuse with, for the OpenAPI description."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers


class FieldErrorSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    code = serializers.CharField()
    text = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457. `code` is stable; `errors` names every wrong field at once."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment]


def _problem(text: str) -> OpenApiResponse:
    return OpenApiResponse(ProblemSerializer, text)


PROBLEMS = {
    (400, "application/problem+json"): _problem("malformed, or with wrong fields"),
    (401, "application/problem+json"): _problem("no key, or one that is not valid"),
    (403, "application/problem+json"): _problem("the key may not do this"),
    (404, "application/problem+json"): _problem("nothing here that this key may see"),
    (405, "application/problem+json"): _problem("no such method at this address"),
    (406, "application/problem+json"): _problem("no representation that the caller accepts"),
    (409, "application/problem+json"): _problem("the state of things does not allow it"),
    (413, "application/problem+json"): _problem("the body is too large"),
    (415, "application/problem+json"): _problem("not a media type that this address reads"),
    (503, "application/problem+json"): _problem("a part does not answer: try again"),
}
