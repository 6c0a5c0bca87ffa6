"""Copies for partners, made by rule: what an agreement does not name stays here.

A copy has the marks, category, severity and period of an alert and the clauses that can be told
whole. A clause that would lose a part is left out: what is left of it would match more trucks than
was meant. Free text goes only where the agreement names it, because it can name anybody.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from trustedtruck.alerts.kinds import Kind
from trustedtruck.alerts.models import Alert, Feedback, Seizure
from trustedtruck.alerts.models.sharing import Field
from trustedtruck.core.fields import instant

# A Mexican tax number of 13 characters is a person's; a company's has 12.
RFC_OF_A_PERSON = 13
_FIELDS: dict[str, Field] = {
    Kind.CARRIER: Field.CARRIER,
    Kind.VIN: Field.VEHICLE,
    Kind.TAG: Field.VEHICLE,
    Kind.PLATE: Field.VEHICLE,
    Kind.TRAILER: Field.VEHICLE,
    Kind.TRUCK: Field.VEHICLE,
    Kind.SEAL: Field.CARGO,
    Kind.CONTAINER: Field.CARGO,
    Kind.HS: Field.CARGO,
    Kind.ORIGIN: Field.CARGO,
    Kind.ROUTE: Field.CARGO,
    Kind.CONSIGNEE: Field.PARTIES,
    Kind.SHIPPER: Field.PARTIES,
    Kind.CARRIER_NAME: Field.PARTIES,
    Kind.DRIVER: Field.PERSON,
    Kind.DRIVER_NAME: Field.PERSON,
}


@dataclass
class Copy:
    """`payload` is what leaves; `withheld` names what was left out of it."""

    payload: dict[str, Any]
    withheld: set[str] = field(default_factory=set)


def field_of(kind: str, value: str) -> Field:
    """Which field of an agreement a criterion falls under."""
    if kind == Kind.CARRIER and len(value) == RFC_OF_A_PERSON:
        return Field.PERSON
    return _FIELDS[kind]


def of_alert(alert: Alert, fields: Collection[str]) -> Copy | None:
    """The copy of a warning; None where nothing is left that could match a truck."""
    made = Copy(
        {
            "kind": "warning",
            "id": str(alert.public_id),
            "version": alert.version,
            "owner": alert.owner_id,
            "mark": alert.mark,
            "category": alert.category,
            "severity": alert.severity,
            "issued_at": instant(alert.issued_at),
            "valid_from": instant(alert.valid_from),
            "valid_until": instant(alert.valid_until),
        }
    )
    clauses: dict[int, list[dict[str, str]]] = defaultdict(list)
    cut: set[int] = set()
    for one in alert.criteria.all():
        needed = field_of(one.kind, one.value)
        if needed in fields:
            clauses[one.clause].append({"kind": one.kind, "value": one.value})
        else:
            cut.add(one.clause)
            made.withheld.add(needed)
    made.payload["criteria"] = [c for n, c in sorted(clauses.items()) if n not in cut]
    _text(made, Field.INSTRUCTION, fields, "instruction", alert.instruction)
    _text(made, Field.REASON, fields, "reason", alert.reason)
    return made if made.payload["criteria"] else None


def of_feedback(feedback: Feedback, fields: Collection[str], *, partner: str) -> Copy:
    made = Copy(
        {
            "kind": "feedback",
            "id": str(feedback.public_id),
            "version": 1,
            "owner": feedback.agency_id,
            "mark": feedback.mark,
            "warning": ref_of(feedback.alert, feedback.alert.owner_id, partner),
            "result": feedback.result,
            "sent_at": instant(feedback.sent_at),
        }
    )
    _text(made, Field.NOTE, fields, "note", feedback.note)
    return made


def of_seizure(seizure: Seizure, fields: Collection[str], *, partner: str) -> Copy:
    """The copy of a seizure; its words only where the agreement gives notes."""
    made = Copy(
        {
            "kind": "seizure",
            "id": str(seizure.public_id),
            "version": 1,
            "owner": seizure.agency_id,
            "mark": seizure.mark,
            "feedback": ref_of(seizure.feedback, seizure.feedback.agency_id, partner),
            "category": seizure.category,
            "hs_code": seizure.hs_code,
            "quantity": str(seizure.quantity.normalize()),
            "unit": seizure.unit,
            "port": seizure.port_code,
            "seized_at": instant(seizure.seized_at),
            "sent_at": instant(seizure.sent_at),
        }
    )
    _text(made, Field.NOTE, fields, "goods", seizure.goods)
    _text(made, Field.NOTE, fields, "concealment", seizure.concealment)
    _text(made, Field.NOTE, fields, "note", seizure.note)
    return made


def of_recall(alert: Alert) -> dict[str, Any]:
    """Tells that a warning must no longer be used; why is not told."""
    return {
        "kind": "recall",
        "id": str(alert.public_id),
        "version": alert.version,
        "owner": alert.owner_id,
        "mark": "clear",
        "issued_at": instant(alert.issued_at),
    }


def ref_of(thing: Alert | Feedback, owner: str, partner: str) -> str:
    """The id under which this partner knows a thing: its own, where it came from there."""
    return thing.origin_ref if owner == partner and thing.origin_ref else str(thing.public_id)


def _text(made: Copy, needed: Field, fields: Collection[str], name: str, text: str) -> None:
    if not text:
        return
    if needed in fields:
        made.payload[name] = text
    else:
        made.withheld.add(needed)
