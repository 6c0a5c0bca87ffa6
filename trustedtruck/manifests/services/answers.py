"""What a sender is told of a message."""

from dataclasses import dataclass, field
from typing import Any

from trustedtruck.manifests.services.versions import Outcome


@dataclass(frozen=True)
class Answer:
    """`result` for JSON, `reply` for X12; `count` is how many shipments were read."""

    accepted: bool
    result: dict[str, Any] = field(default_factory=dict)
    reply: str = ""
    count: int = 0
    trip_number: str = ""


def as_answer(outcome: Outcome) -> dict[str, Any]:
    """An accepted filing, as JSON."""
    answer: dict[str, Any] = {
        "repeated": outcome.repeated,
        "shipments": list(outcome.shipments),
        "warnings": [
            {"field": w.field, "code": w.code, "text": str(w.text)} for w in outcome.warnings
        ],
    }
    if outcome.trip is not None:
        trip = outcome.trip
        answer |= {
            "id": str(trip.public_id),
            "trip_number": trip.trip_number,
            "state": trip.state,
            "version": trip.version,
            "filed_at": trip.filed_at.isoformat() if trip.filed_at else None,
        }
    return answer
