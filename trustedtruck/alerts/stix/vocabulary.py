"""The fixed ids of STIX: TLP 2.0 marks as OASIS published them, and our extension.

Sources: oasis-open/cti-stix-common-objects (TLP 2.0 extension), STIX 2.1 section 7.3 (extension
definitions), section 2.9 (identifiers).
"""

import uuid
from typing import Any

from trustedtruck.alerts.marks import Mark

TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP_IDS: dict[str, str] = {
    Mark.CLEAR: "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    Mark.GREEN: "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    Mark.AMBER: "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    Mark.AMBER_STRICT: "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    Mark.RED: "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
MARKS = {ref: mark for mark, ref in TLP_IDS.items()}
# The vehicle and shipment of a truck crossing, and the message that an object stands for.
EXTENSION = "extension-definition--7c8a6b0e-3f0d-4d0a-9a54-6c1f2a9d5e31"
NAMESPACE = uuid.UUID("7c8a6b0e-3f0d-4d0a-9a54-6c1f2a9d5e31")
PUBLISHED = "2026-01-01T00:00:00.000Z"


def stix_id(kind: str, name: str) -> str:
    """The same thing has the same id in every bundle (UUIDv5, as STIX tools expect)."""
    return f"{kind}--{uuid.uuid5(NAMESPACE, name)}"


def marking(mark: str) -> dict[str, Any]:
    """The marking-definition of TLP 2.0, letter by letter as published."""
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": TLP_IDS[mark],
        "created": "2022-10-01T00:00:00.000Z",
        "name": f"TLP:{mark.upper()}",
        "extensions": {TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": mark}},
    }


def extension_definition(author: str, schema_url: str) -> dict[str, Any]:
    return {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": EXTENSION,
        "created_by_ref": author,
        "created": PUBLISHED,
        "modified": PUBLISHED,
        "name": "Truck crossing: vehicle and shipment",
        "description": "Which vehicles and shipments a warning is on, what came of it, what was"
        " seized.",
        "schema": schema_url,
        "version": "1.0.0",
        "extension_types": ["property-extension"],
    }
