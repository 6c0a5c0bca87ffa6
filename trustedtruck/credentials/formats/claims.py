"""What a credential says, in whatever format, and the draft that the formats are made from."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from trustedtruck.credentials.failures import Failure


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified credential says. Empty where nothing could be believed."""

    public_id: uuid.UUID | None = None
    kind: str = ""
    subject_id: uuid.UUID | None = None
    tag_epc: str = ""
    plate_number: str = ""
    plate_jurisdiction: str = ""
    issued_at: datetime | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    kid: str = ""
    issuer: str = ""
    status_list: int | None = None
    status_index: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verifiers' answer. `ok` says that form, signature and dates hold; status is asked apart.

    With failures of dates only, `claims` are genuine; with any other, they are empty.
    """

    ok: bool
    failures: tuple[Failure, ...]
    claims: Claims = Claims()

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(failure.code for failure in self.failures)


# Clocks of issuer and verifier may differ by this much at the beginning of a period.
LEEWAY = timedelta(seconds=60)


def date_codes(claims: Claims, at: datetime) -> list[str]:
    """What speaks against the dates of a genuine credential at this instant."""
    if claims.valid_from is None or claims.valid_until is None or claims.issued_at is None:
        return ["claim_missing"]
    codes = []
    if claims.valid_until <= claims.valid_from:
        codes.append("validity_inverted")
    if claims.valid_from > at + LEEWAY:
        codes.append("not_yet_valid")
    elif claims.issued_at > at + LEEWAY:
        codes.append("issued_in_future")
    if claims.valid_until <= at:
        codes.append("expired")
    return codes


def refused(*codes: str, claims: Claims | None = None) -> Verdict:
    return Verdict(False, tuple(Failure(code) for code in codes), claims or Claims())


@dataclass(frozen=True, slots=True)
class Draft:
    """All that goes into a credential before it is signed. Times are UTC in whole seconds.

    `subject` holds the JSON-LD properties of the subject, without `id` and `type`.
    """

    public_id: uuid.UUID
    kind: str
    subject_id: uuid.UUID
    subject: Mapping[str, Any]
    issued_at: datetime
    valid_from: datetime
    valid_until: datetime
    status_list: int
    status_index: int
    tag_epc: str = ""
    plate_number: str = ""
    plate_jurisdiction: str = ""
