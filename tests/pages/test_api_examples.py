"""Every operation of the API has an example, and every example is what its schema says."""

from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from jsonschema import Draft202012Validator, FormatChecker

from trustedtruck.core.openapi import description, operations

# Answers that are no JSON: pictures, printed pages, a stream.
NO_JSON = {"credential_card", "fleet_cards", "port_events"}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return description()


def faults(schema: dict[str, Any], part: Any, value: Any) -> list[str]:
    whole = {**_json_schema(part), "components": _json_schema(schema["components"])}
    checker = Draft202012Validator(whole, format_checker=FormatChecker())
    return [f"{e.json_path}: {e.message}" for e in checker.iter_errors(value)]


def _json_schema(part: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema names the type null."""
    if isinstance(part, list):
        return [_json_schema(each) for each in part]
    if not isinstance(part, dict):
        return part
    made = {name: _json_schema(value) for name, value in part.items()}
    if made.pop("nullable", False) is True:
        return {"anyOf": [made, {"type": "null"}]}
    return made


def test_every_operation_has_an_example(schema: dict[str, Any]) -> None:
    lacking = []
    for path, method, operation in operations(schema):
        name = operation["operationId"]
        bodies = operation.get("requestBody", {}).get("content", {})
        texts = [body for kind, body in bodies.items() if not kind.startswith("image/")]
        if texts and not any("example" in body for body in texts):
            lacking.append(f"{method} {path}: the request")
        answers = [
            body
            for answer in operation["responses"].values()
            for body in answer.get("content", {}).values()
        ]
        if name not in NO_JSON and not any("example" in body for body in answers):
            lacking.append(f"{method} {path}: the answer")
        lacking += [
            f"{method} {path}: {parameter['name']}"
            for parameter in operation.get("parameters", [])
            if parameter["in"] == "path" and "example" not in parameter
        ]
    assert lacking == []


def test_no_example_is_of_an_operation_that_is_gone(schema: dict[str, Any]) -> None:
    known = {operation["operationId"] for _path, _method, operation in operations(schema)}
    assert {path.stem for path in settings.API_EXAMPLES.glob("*.json")} <= known


def test_every_example_is_what_its_schema_says(schema: dict[str, Any]) -> None:
    wrong: dict[str, list[str]] = {}
    checked = 0
    for _path, _method, operation in operations(schema):
        contents = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in contents:
            body = content.get("content", {}).get("application/json", {})
            if "example" in body:
                checked += 1
                found = faults(schema, body["schema"], body["example"])
                if found:
                    wrong.setdefault(operation["operationId"], []).extend(found)
    assert wrong == {}
    assert checked >= 25


def test_an_example_that_is_not_is_noticed(schema: dict[str, Any]) -> None:
    post = schema["paths"]["/api/v1/arrivals/"]["post"]["requestBody"]["content"]
    body = post["application/json"]
    assert faults(schema, body["schema"], body["example"] | {"gross_weight_kg": "heavy"})


def test_the_http_file_is_what_the_api_says() -> None:
    call_command("http_file", "--check", stdout=StringIO())
