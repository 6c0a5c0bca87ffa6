"""From the bytes of a message to what is on file: JSON, CSV and X12, each with its own answer."""

import datetime as dt
import hashlib
from http import HTTPStatus
from typing import Any

from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier
from trustedtruck.core.api import MalformedJSON, strict_loads
from trustedtruck.core.errors import DomainError
from trustedtruck.identifiers import trip_number as trip_numbers
from trustedtruck.manifests import document as doc
from trustedtruck.manifests.csv_reader import read_shipments
from trustedtruck.manifests.json_reader import read_filing
from trustedtruck.manifests.models import Submission
from trustedtruck.manifests.services.answers import Answer, as_answer
from trustedtruck.manifests.services.filing import file_one
from trustedtruck.manifests.services.x12 import control_number, read_x12

MAX_BODY = 16 * 1024 * 1024


class Malformed(DomainError):
    """The body is not JSON; the text says where it breaks."""

    def __init__(self, why: str) -> None:
        super().__init__("malformed_json", why, HTTPStatus.BAD_REQUEST)


def _json(body: bytes) -> Any:
    try:
        return strict_loads(body, limit=MAX_BODY)
    except MalformedJSON as error:
        raise Malformed(str(error.detail)) from None


def key_of(kind: str, body: bytes, options: dict[str, str]) -> str:
    """An X12 message repeats by its control number; others by what they say."""
    if kind == Submission.Kind.X12 and (number := control_number(body)).isprintable() and number:
        return number[:80]
    return hashlib.sha256(repr(sorted(options.items())).encode() + body).hexdigest()


def trip_number_of(kind: str, body: bytes, options: dict[str, str]) -> str:
    """The trip that a refused message speaks of, where that much of it can be read; else `""`."""
    number: object = options.get("trip_number", "")
    if kind == Submission.Kind.JSON:
        try:
            value = _json(body)
        except Malformed:
            return ""
        number = value.get("trip_number") if isinstance(value, dict) else ""
    return trip_numbers.normalise(number)[:25] if isinstance(number, str) else ""


def read(
    *,
    kind: str,
    body: bytes,
    options: dict[str, str],
    carrier: Carrier | None,
    port_code: str,
    by: Actor,
    at: dt.datetime,
    control: int,
) -> Answer:
    """Read a message and file it, within the caller's transaction. Raises `DomainError`."""
    if kind == Submission.Kind.X12:
        return read_x12(
            body=body, carrier=carrier, port_code=port_code, by=by, at=at, control=control
        )
    if kind == Submission.Kind.CSV:
        shipments, errors = read_shipments(body)
        filing = doc.Filing(
            purpose="amendment",
            scac=options.get("scac") or (carrier.scac if carrier else ""),
            trip_number=options.get("trip_number", ""),
            shipments=shipments,
        )
    else:
        value = _json(body)
        filing, errors = read_filing(value, scac=carrier.scac if carrier else "")
    outcome = file_one(
        filing=filing,
        errors=tuple(errors),
        carrier=carrier,
        port_code=port_code,
        source=kind,
        by=by,
        at=at,
    )
    number = outcome.trip.trip_number if outcome.trip else ""
    return Answer(True, as_answer(outcome), count=len(filing.shipments), trip_number=number)
