"""From the bytes of a message to what is on file: JSON, CSV and X12, each with its own answer."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier
from trustedtruck.core.api import strict_loads
from trustedtruck.core.errors import FieldError, Invalid
from trustedtruck.manifests import document as doc
from trustedtruck.manifests.json_reader import read_filing
from trustedtruck.manifests.services.filing import WRONG, Outcome, carrier_of, file_manifest

MAX_BODY = 16 * 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """`result` for JSON, `reply` for X12; `count` is how many shipments were read."""

    accepted: bool
    result: dict[str, Any] = field(default_factory=dict)
    reply: str = ""
    count: int = 0


def read(
    *,
    kind: str,
    body: bytes,
    options: dict[str, str],
    carrier: Carrier | None,
    port_code: str,
    by: Actor,
    at: dt.datetime,
    progress: Callable[[int, int], None],
) -> Answer:
    """Read a message and file it, within the caller's transaction. Raises `DomainError`."""
    value = strict_loads(body, limit=MAX_BODY)
    filing, errors = read_filing(value, scac=carrier.scac if carrier else "")
    outcome = file_one(
        filing=filing,
        errors=tuple(errors),
        carrier=carrier,
        port_code=port_code,
        source="json",
        by=by,
        at=at,
    )
    return Answer(True, as_answer(outcome), count=len(filing.shipments))


def file_one(
    *,
    filing: doc.Filing,
    errors: tuple[FieldError, ...],
    carrier: Carrier | None,
    port_code: str,
    source: str,
    by: Actor,
    at: dt.datetime,
) -> Outcome:
    """File one filing for whoever sent it; a port's device files for trips of its port only."""
    port = filing.trip.port if filing.trip else filing.port
    if port_code and port and port != port_code:
        text = _("This key files for port %(port)s only.") % {"port": port_code}
        raise Invalid((*errors, FieldError("port", "not_your_port", text)), WRONG)
    return file_manifest(
        filing=filing,
        carrier=carrier_of(filing, own=carrier),
        source=source,
        by=by,
        at=at,
        errors=errors,
    )


def as_answer(outcome: Outcome) -> dict[str, Any]:
    """What the sender is told of an accepted filing."""
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
