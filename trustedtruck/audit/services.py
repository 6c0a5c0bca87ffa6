"""Writing audit events. Called by the services of every app, inside their transaction."""

from collections.abc import Mapping
from typing import Any

import structlog
from django.db import transaction

from trustedtruck.audit.actors import Actor
from trustedtruck.audit.models import LABEL_LENGTH, Event
from trustedtruck.audit.whereabouts import present_address


def record(
    action: str,
    *,
    by: Actor,
    subject_kind: str,
    subject_id: object,
    port_code: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Append one event. Refuses to run outside a transaction: the event and the change are one."""
    _require_transaction()
    Event.objects.create(**_row(action, by, subject_kind, subject_id, port_code, data))


def record_many(
    action: str,
    *,
    by: Actor,
    subject_kind: str,
    subjects: Mapping[object, Mapping[str, Any]],
    port_code: str = "",
) -> None:
    """Append one event per subject: id -> data."""
    _require_transaction()
    Event.objects.bulk_create(
        Event(**_row(action, by, subject_kind, subject, port_code, data))
        for subject, data in subjects.items()
    )


def _require_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an audit event belongs in the transaction of the change it tells of")


def _row(
    action: str,
    by: Actor,
    subject_kind: str,
    subject_id: object,
    port_code: str,
    data: Mapping[str, Any] | None,
) -> dict[str, Any]:
    return {
        "action": action,
        "actor_kind": by.kind,
        "actor_id": by.id,
        "actor_label": by.label[:LABEL_LENGTH],
        "on_behalf_of": by.on_behalf_of,
        "subject_kind": subject_kind,
        "subject_id": str(subject_id),
        "port_code": port_code,
        "request_id": structlog.contextvars.get_contextvars().get("request_id", ""),
        "ip": present_address(),
        "data": dict(data or {}),
    }
