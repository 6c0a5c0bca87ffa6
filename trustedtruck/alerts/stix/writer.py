"""Released copies as a STIX 2.1 bundle. It sees the copies only, never what they were made from.

warning   indicator, whose pattern names vehicle and shipment; a recall is the same, revoked
feedback  sighting of the indicator, with a count of 0 where nothing was found
seizure   report on the sighting
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.conf import settings
from django.urls import reverse

from trustedtruck.alerts.kinds import Kind
from trustedtruck.alerts.models import Release
from trustedtruck.alerts.stix.vocabulary import (
    EXTENSION,
    TLP_IDS,
    extension_definition,
    marking,
    stix_id,
)
from trustedtruck.core.fields import instant

VEHICLE = (Kind.VIN, Kind.TAG, Kind.PLATE, Kind.TRAILER, Kind.TRUCK)
CREW = (Kind.DRIVER, Kind.DRIVER_NAME)


def part_of(kind: str) -> str:
    """Which part of a crossing a criterion is about: `vehicle`, `crew` or `shipment`."""
    return "vehicle" if kind in VEHICLE else "crew" if kind in CREW else "shipment"


def bundle(releases: Iterable[Release]) -> dict[str, Any]:
    """A bundle that stands for itself: identities, marks and the extension come with it."""
    releases = list(releases)
    found = [found for release in releases for found in objects_of(release)]
    return {
        "type": "bundle",
        "id": stix_id("bundle", ",".join(str(release.seq) for release in releases)),
        "objects": _once([*_frame(releases), *found]),
    }


def objects_of(release: Release) -> list[dict[str, Any]]:
    """The objects of one release, without those that all share."""
    return list(_OBJECTS[release.kind](release.payload, instant(release.released_at) or ""))


def shared_objects(marks: Iterable[str], owners: Iterable[str]) -> list[dict[str, Any]]:
    author = _identity("TrustedTruck")
    schema = settings.BASE_URL + reverse("alerts-extension")
    return [
        author,
        extension_definition(author["id"], schema),
        *(_identity(owner) for owner in sorted(set(owners))),
        *(marking(mark) for mark in sorted(set(marks))),
    ]


def _frame(releases: list[Release]) -> list[dict[str, Any]]:
    return shared_objects(
        (release.payload["mark"] for release in releases),
        (release.payload["owner"] for release in releases),
    )


def _once(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each object once; of several versions the last."""
    return list({found["id"]: found for found in objects}.values())


def _identity(name: str) -> dict[str, Any]:
    return {
        "type": "identity",
        "spec_version": "2.1",
        "id": stix_id("identity", name),
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "name": name,
        "identity_class": "organization",
    }


def _common(kind: str, copy: dict[str, Any], name: str, at: str) -> dict[str, Any]:
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": stix_id(kind, name),
        "created_by_ref": stix_id("identity", copy["owner"]),
        "created": min(copy.get("issued_at") or copy.get("sent_at") or at, at),
        "modified": at,
        "object_marking_refs": [TLP_IDS[copy["mark"]]],
    }


def _warning(copy: dict[str, Any], at: str) -> Iterator[dict[str, Any]]:
    found = _common("indicator", copy, copy["id"], at) | {
        "name": f"{copy['category']}, {copy['severity']}",
        "indicator_types": ["unknown"],
        "pattern": _pattern(copy["criteria"]),
        "pattern_type": "stix",
        "valid_from": copy["valid_from"],
        "extensions": {EXTENSION: _extension(copy, crossings=_crossings(copy["criteria"]))},
    }
    if copy["valid_until"]:
        found["valid_until"] = copy["valid_until"]
    yield found


def _recall(copy: dict[str, Any], at: str) -> Iterator[dict[str, Any]]:
    yield _common("indicator", copy, copy["id"], at) | {
        "name": "recalled",
        "indicator_types": ["unknown"],
        "pattern": "[x-truck-crossing:recalled = 'true']",
        "pattern_type": "stix",
        "valid_from": at,
        "revoked": True,
        "extensions": {EXTENSION: _extension(copy)},
    }


def _feedback(copy: dict[str, Any], at: str) -> Iterator[dict[str, Any]]:
    yield _common("sighting", copy, copy["id"], at) | {
        "sighting_of_ref": stix_id("indicator", copy["warning"]),
        "where_sighted_refs": [stix_id("identity", copy["owner"])],
        "first_seen": copy["sent_at"],
        "last_seen": copy["sent_at"],
        "count": 1 if copy["result"] == "found" else 0,
        "extensions": {EXTENSION: _extension(copy)},
    }


def _seizure(copy: dict[str, Any], at: str) -> Iterator[dict[str, Any]]:
    yield _common("report", copy, copy["id"], at) | {
        "name": f"seizure, {copy['category']}",
        "report_types": ["observed-data"],
        "published": copy["seized_at"],
        "object_refs": [stix_id("sighting", copy["feedback"])],
        "extensions": {EXTENSION: _extension(copy)},
    }


_OBJECTS: dict[str, Callable[[dict[str, Any], str], Iterator[dict[str, Any]]]] = {
    Release.Kind.WARNING: _warning,
    Release.Kind.RECALL: _recall,
    Release.Kind.FEEDBACK: _feedback,
    Release.Kind.SEIZURE: _seizure,
}


def _extension(copy: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The message itself, as our own systems read it back; its criteria are the crossings."""
    message = {name: value for name, value in copy.items() if name != "criteria"}
    return {"extension_type": "property-extension", "message": message, **more}


def _crossings(criteria: list[list[dict[str, str]]]) -> list[dict[str, Any]]:
    """One for each clause: `{vehicle: {plate: [..]}, shipment: {..}, crew: {..}}`."""
    found = []
    for clause in criteria:
        crossing: dict[str, dict[str, list[str]]] = {}
        for one in clause:
            part = crossing.setdefault(part_of(one["kind"]), {})
            part.setdefault(one["kind"], []).append(one["value"])
        found.append(crossing)
    return found


def _pattern(criteria: list[list[dict[str, str]]]) -> str:
    """In the language of STIX patterns: clauses joined by OR, their parts by AND."""
    clauses = [
        "["
        + " AND ".join(
            f"x-truck-crossing:{part_of(one['kind'])}.{one['kind']} = '{_quoted(one['value'])}'"
            for one in clause
        )
        + "]"
        for clause in criteria
    ]
    return " OR ".join(clauses)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
