"""The OpenAPI description: what every operation may refuse with, and an example of each."""

import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from drf_spectacular.generators import SchemaGenerator
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
    (422, "application/problem+json"): _problem("well formed, and yet it cannot be done"),
    (429, "application/problem+json"): _problem("too many requests: wait as Retry-After says"),
    (503, "application/problem+json"): _problem("a part does not answer: try again"),
}


def example_of(operation_id: str) -> dict[str, Any]:
    """`parameters` by name, `request` by media type, `response` of `status`, `media_type`, `body`.

    Empty where there is no file of this operation.
    """
    path = settings.API_EXAMPLES / f"{operation_id}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def description() -> dict[str, Any]:
    """The whole OpenAPI description, as `/api/schema/` serves it."""
    made = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return dict(made)


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and description of every operation, in the order of the paths."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def add_examples(result: dict[str, Any], **_of_the_generator: Any) -> dict[str, Any]:
    """Put each operation's example into the schema; drf-spectacular calls it at the end."""
    for _path, _method, operation in operations(result):
        example = example_of(operation["operationId"])
        for parameter in operation.get("parameters", []):
            if parameter["name"] in example.get("parameters", {}):
                parameter["example"] = example["parameters"][parameter["name"]]
        bodies = operation.get("requestBody", {}).get("content", {})
        for media_type, body in example.get("request", {}).items():
            if media_type in bodies:
                bodies[media_type]["example"] = body
        answer = example.get("response", {})
        answers = operation["responses"].get(answer.get("status", ""), {}).get("content", {})
        media_type = answer.get("media_type", "application/json")
        if media_type in answers:
            answers[media_type]["example"] = answer["body"]
    return result
