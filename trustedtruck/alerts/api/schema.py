"""The bodies of the partner API, for its description, and the schema of the STIX extension."""

from typing import Any

from trustedtruck.alerts.kinds import Kind
from trustedtruck.alerts.marks import Mark
from trustedtruck.alerts.models import Category, Feedback, Severity

TEXT = {"type": "string"}
_TIME = {"type": "string", "format": "date-time"}
_CRITERION = {
    "type": "object",
    "required": ["kind", "value"],
    "properties": {"kind": {"type": "string", "enum": list(Kind.values)}, "value": TEXT},
}
MESSAGE: dict[str, Any] = {
    "type": "object",
    "required": ["kind", "id", "version", "owner", "mark"],
    "properties": {
        "kind": {"type": "string", "enum": ["warning", "feedback", "seizure", "recall"]},
        "id": TEXT,
        "version": {"type": "integer", "minimum": 1},
        "owner": TEXT,
        "mark": {"type": "string", "enum": list(Mark.values)},
        "issued_at": _TIME,
        "category": {"type": "string", "enum": list(Category.values)},
        "severity": {"type": "string", "enum": list(Severity.values)},
        "valid_from": _TIME,
        "valid_until": {**_TIME, "nullable": True},
        "criteria": {"type": "array", "items": {"type": "array", "items": _CRITERION}},
        "instruction": TEXT,
        "reason": TEXT,
        "warning": TEXT,
        "feedback": TEXT,
        "result": {"type": "string", "enum": list(Feedback.Result.values)},
        "sent_at": _TIME,
        "hs_code": TEXT,
        "quantity": TEXT,
        "unit": TEXT,
        "port": TEXT,
        "seized_at": _TIME,
        "goods": TEXT,
        "concealment": TEXT,
        "note": TEXT,
    },
}
MESSAGES: dict[str, Any] = {
    "oneOf": [
        MESSAGE,
        {"type": "object", "properties": {"messages": {"type": "array", "items": MESSAGE}}},
    ]
}
PAGE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "next": {"type": "integer"},
        "more": {"type": "boolean"},
        "items": {"type": "array", "items": MESSAGE},
    },
}
BUNDLE: dict[str, Any] = {
    "type": "object",
    "required": ["type", "id"],
    "properties": {
        "type": {"type": "string", "enum": ["bundle"]},
        "id": {"type": "string", "pattern": "^bundle--[0-9a-fA-F-]{36}$"},
        "objects": {"type": "array", "items": {"type": "object"}},
    },
}
RECEIVED: dict[str, Any] = {
    "type": "object",
    "properties": {
        "received": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "message": TEXT,
                    "kind": TEXT,
                    "id": TEXT,
                    "state": TEXT,
                    "repeated": {"type": "boolean"},
                },
            },
        }
    },
}
_PART = {
    "type": "object",
    "additionalProperties": {"type": "array", "items": {"type": "string", "maxLength": 120}},
}
EXTENSION: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Truck crossing: vehicle and shipment",
    "type": "object",
    "required": ["extension_type", "message"],
    "properties": {
        "extension_type": {"const": "property-extension"},
        "message": MESSAGE,
        "crossings": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"vehicle": _PART, "shipment": _PART, "crew": _PART},
                "additionalProperties": False,
            },
        },
    },
}
