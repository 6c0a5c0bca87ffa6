"""Events of a port as messages of a stream (server-sent events), in the reader's language."""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import translation

from lanes.models import Lane
from lanes.queries.board import Row
from lanes.reasons import override_text, reason_text
from trustedtruck.audit.models import Event
from trustedtruck.audit.presenters import sentence
from trustedtruck.core.fields import instant

# `e` is the event; the order is that of `Happened`.
COLUMNS = """
e.id, e.port_code, e.action, e.at, e.actor_kind, e.actor_id, e.actor_label, e.on_behalf_of,
e.subject_kind, e.subject_id, e.data
"""


# What boards, displays and gates are for. The rest of what a port's audit says (what an alert met,
# who looked at whom, what an officer noted, keys, drafts) is read in the audit, by who may read it.
TOLD = ("alarm.", "arrival.", "lane.")


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a port. `place` is where a reader that has it would go on."""

    place: str
    id: int
    port: str
    action: str
    at: Any
    actor_kind: str
    actor_id: str
    actor_label: str
    on_behalf_of: str
    subject_kind: str
    subject_id: str
    data: dict[str, Any]

    @classmethod
    def of(cls, place: str, row: Sequence[Any]) -> "Happened":
        values: list[Any] = [place, *row]
        return cls(*values)

    @property
    def is_told(self) -> bool:
        return self.action.startswith(TOLD)

    @property
    def arrival_id(self) -> uuid.UUID | None:
        named = self.subject_id if self.subject_kind == "arrival" else self.data.get("arrival")
        try:
            return uuid.UUID(str(named)) if named else None
        except ValueError:
            return None

    def sentence(self) -> str:
        return sentence(
            Event(
                action=self.action,
                actor_kind=self.actor_kind,
                actor_id=self.actor_id,
                actor_label=self.actor_label,
                on_behalf_of=self.on_behalf_of,
                subject_kind=self.subject_kind,
                subject_id=self.subject_id,
                data=self.data,
            )
        )


def _pack(event: str, body: Any, place: str = "") -> bytes:
    """One message. JSON never holds a line break, so that one data line is enough."""
    head = f"id: {place}\n" if place else ""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return f"{head}event: {event}\ndata: {text}\n\n".encode()


def happened(event: Happened, arrivals: dict[str, Row], language: str) -> bytes:
    with translation.override(language):
        arrival = arrivals.get(str(event.arrival_id))
        body = {
            "id": event.id,
            "action": event.action,
            "at": instant(event.at),
            "port": event.port,
            "subject": {"kind": event.subject_kind, "id": event.subject_id},
            "text": event.sentence(),
            "data": event.data,
            "arrival": arrival_body(arrival) if arrival else None,
        }
        return _pack(event.action, body, event.place)


def arrival_body(row: Row) -> dict[str, Any]:
    """One truck as the board draws it; times as text, reasons in the reader's language."""
    return {
        "id": str(row.id),
        "event_id": row.event_id,
        "name": row.name,
        "plate": row.plate,
        "carrier": row.carrier,
        "direction": row.direction,
        "received_at": instant(row.received_at),
        "route": row.route or None,
        "lane": row.lane or None,
        "reasons": [{"code": code, "text": str(reason_text(code))} for code in row.reasons],
        "decided_at": instant(row.decided_at),
        "passed": row.passed,
        "overridden": override_text(row.override_reason) or None,
    }


def lanes(board: Iterable[Lane]) -> bytes:
    """The state of all lanes at this moment; not part of what a resumed stream repeats."""
    body = [
        {
            "code": lane.code,
            "name": lane.name,
            "route": lane.route,
            "state": lane.state,
            "load": lane.load,
            "queue": lane.queue,  # type: ignore[attr-defined]
            "expected_wait_seconds": lane.expected_wait_seconds,  # type: ignore[attr-defined]
        }
        for lane in board
    ]
    return _pack("lanes", body)


def hello(place: str) -> bytes:
    """The first message: how soon to come back, and the place where this stream begins."""
    return b"retry: 1000\n" + _pack("hello", {"place": place}, place)


def reset(place: str) -> bytes:
    """The reader was away for too long: read the state anew, and go on from here."""
    return _pack("reset", {"place": place}, place)


def heartbeat(at: Any) -> bytes:
    return _pack("heartbeat", {"at": instant(at)})
