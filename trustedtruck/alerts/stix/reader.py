"""A partner's STIX 2.1 bundle as messages: read whole or not at all, with every fault named.

What is not in our extension is not understood, and a bundle that is understood in part would be
imported in part; so every object must be one that we know.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from trustedtruck.alerts.kinds import Kind
from trustedtruck.alerts.services.inbound import MAX_MESSAGES, Sent
from trustedtruck.alerts.stix.vocabulary import EXTENSION, MARKS
from trustedtruck.alerts.stix.writer import part_of
from trustedtruck.core.errors import DomainError, FieldError, Invalid

_MESSAGES = {
    "indicator": ("warning", "recall"),
    "sighting": ("feedback",),
    "report": ("seizure",),
}
_FRAME = frozenset({"identity", "marking-definition", "extension-definition"})
_BUNDLE_ID = re.compile(r"bundle--[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
MAX_OBJECTS = 2 * MAX_MESSAGES


class _Faults:
    def __init__(self) -> None:
        self.found: list[FieldError] = []

    def add(self, path: str, code: str, text: str) -> None:
        self.found.append(FieldError(path, code, text))

    def done(self) -> None:
        if self.found:
            raise Invalid(tuple(self.found), _("The bundle is not one that can be imported."))


def read_bundle(body: Any) -> list[Sent]:
    """The messages of a bundle, in the order in which they answer each other.

    Raises `Invalid` with `stix_invalid`, `unsupported_type`, `mark_missing`, `mark_unknown`,
    `mark_contradicts`, `extension_missing`, `message_mismatch`, `reference_cycle`, `twice`; or
    `DomainError` (`too_many_objects`).
    """
    faults = _Faults()
    if not isinstance(body, dict) or body.get("type") != "bundle":
        faults.add("type", "stix_invalid", gettext("This is no STIX bundle."))
        faults.done()
    if not isinstance(body.get("id"), str) or not _BUNDLE_ID.fullmatch(body["id"]):
        faults.add("id", "stix_invalid", gettext("A bundle has an id: bundle-- and a UUID."))
    objects = body.get("objects")
    if not isinstance(objects, list) or not objects:
        faults.add("objects", "stix_invalid", gettext("The bundle holds no objects."))
        faults.done()
    assert isinstance(objects, list)  # noqa: S101 - or done() would have raised
    if len(objects) > MAX_OBJECTS:
        raise DomainError(
            "too_many_objects", _("At most 1,000 objects in a bundle: send it in parts."), 413
        )
    for n, found in enumerate(objects):
        _check(found, f"objects.{n}", faults)
    faults.done()
    _refuse_cycles(objects, faults)
    faults.done()
    sent = [
        _message(found, f"objects.{n}", faults)
        for n, found in enumerate(objects)
        if found["type"] in _MESSAGES
    ]
    faults.done()
    order = {"warning": 0, "recall": 1, "feedback": 2, "seizure": 3}
    return sorted((one for one in sent if one), key=lambda one: order[one.body["kind"]])


def _check(found: Any, path: str, faults: _Faults) -> None:
    """One object against the standard (stix2) and against what we understand."""
    # Here, because it takes long to load and nearly no process reads a bundle.
    import stix2
    import stix2.exceptions

    if not isinstance(found, dict) or not isinstance(found.get("type"), str):
        faults.add(path, "stix_invalid", gettext("This is no STIX object."))
        return
    kind = found["type"]
    if kind not in _MESSAGES and kind not in _FRAME:
        text = gettext("Objects of this type are not understood here.")
        faults.add(f"{path}.type", "unsupported_type", text)
        return
    try:
        stix2.parse(found, allow_custom=False, version="2.1")
    except RecursionError:
        # Its pattern: we keep to the extension, and a reader of patterns goes as deep as they do.
        faults.add(f"{path}.pattern", "stix_invalid", gettext("This is nested too deeply."))
        return
    except (stix2.exceptions.STIXError, ValueError, TypeError, KeyError, AttributeError) as error:
        why = str(error).replace("\x00", "")[:300]
        text = gettext("Not valid STIX 2.1: %(why)s") % {"why": why}
        faults.add(path, "stix_invalid", text)
        return
    if kind in _MESSAGES:
        _check_mark(found, path, faults)
        extension = found.get("extensions", {}).get(EXTENSION)
        if not isinstance(extension, dict) or not isinstance(extension.get("message"), dict):
            text = gettext("The extension for vehicle and shipment is missing.")
            faults.add(f"{path}.extensions", "extension_missing", text)


def _check_mark(found: dict[str, Any], path: str, faults: _Faults) -> None:
    refs = found.get("object_marking_refs", [])
    where = f"{path}.object_marking_refs"
    marks = [MARKS[ref] for ref in refs if ref in MARKS]
    if any(ref not in MARKS for ref in refs) or found.get("granular_markings"):
        faults.add(where, "mark_unknown", gettext("Only whole marks of TLP 2.0 are understood."))
    elif len(marks) != 1:
        faults.add(where, "mark_missing", gettext("Exactly one mark of TLP 2.0 is needed."))


def _references(found: dict[str, Any]) -> Iterator[str]:
    for name, value in found.items():
        if name.endswith("_ref") and isinstance(value, str):
            yield value
        elif name.endswith("_refs") and isinstance(value, list):
            yield from (ref for ref in value if isinstance(ref, str))


def _refuse_cycles(objects: list[dict[str, Any]], faults: _Faults) -> None:
    """Each id once, and no object that leads back to itself."""
    graph: dict[str, set[str]] = {}
    for n, found in enumerate(objects):
        if found["id"] in graph:
            faults.add(f"objects.{n}.id", "twice", gettext("This id stands twice in the bundle."))
        graph[found["id"]] = set(_references(found))
    # Take away what refers to nothing that is left; what remains refers in a circle.
    left = {name: refs & graph.keys() for name, refs in graph.items()}
    while free := {name for name, refs in left.items() if not refs}:
        left = {name: refs - free for name, refs in left.items() if name not in free}
    for n, found in enumerate(objects):
        if found["id"] in left:
            text = gettext("The references of these objects lead in a circle.")
            faults.add(f"objects.{n}", "reference_cycle", text)


def _message(found: dict[str, Any], path: str, faults: _Faults) -> Sent | None:
    extension = found["extensions"][EXTENSION]
    body = dict(extension["message"])
    if body.get("kind") not in _MESSAGES[found["type"]]:
        text = gettext("The extension speaks of another kind of message than its object.")
        faults.add(f"{path}.extensions", "message_mismatch", text)
        return None
    if body.get("mark") != MARKS[found["object_marking_refs"][0]]:
        text = gettext("The object has one mark, its message another.")
        faults.add(f"{path}.object_marking_refs", "mark_contradicts", text)
        return None
    if body["kind"] == "recall" and not found.get("revoked"):
        text = gettext("A recalled warning is marked as revoked.")
        faults.add(f"{path}.revoked", "message_mismatch", text)
        return None
    if body["kind"] == "warning":
        criteria = _criteria(extension.get("crossings"))
        if criteria is None:
            text = gettext("The vehicles and shipments cannot be read.")
            faults.add(f"{path}.extensions", "extension_missing", text)
            return None
        body["criteria"] = criteria
    return Sent(f"{found['id']}/{found['modified']}"[:100], body, path)


def _criteria(crossings: Any) -> list[list[dict[str, str]]] | None:
    if not isinstance(crossings, list):
        return None
    found: list[list[dict[str, str]]] = []
    for crossing in crossings:
        if not isinstance(crossing, dict):
            return None
        clause = []
        for part, kinds in crossing.items():
            if not isinstance(kinds, dict):
                return None
            for kind, values in kinds.items():
                if kind not in Kind.values or part_of(kind) != part or not isinstance(values, list):
                    return None
                clause += [{"kind": kind, "value": value} for value in values]
        found.append(clause)
    return found
