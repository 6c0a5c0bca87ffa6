"""A whole check as a person or a verifier on line wants it: form, signature, dates, status."""

from dataclasses import dataclass
from datetime import datetime

from trustedtruck.core.errors import Text
from trustedtruck.credentials.failures import Failure
from trustedtruck.credentials.formats.claims import Claims
from trustedtruck.credentials.keyset import KeySet
from trustedtruck.credentials.queries.status import state_codes
from trustedtruck.credentials.verify import verify_any

DATES = frozenset({"expired", "not_yet_valid", "issued_in_future", "validity_inverted"})
STATUS = frozenset({"revoked", "suspended", "superseded", "not_issued"})
# Not a credential at all: the caller sent something else (VC-API answers it with 400).
MALFORMED_BEGIN = (
    *("not_", "empty", "oversized", "format_", "qr_prefix", "base45", "cbor_", "cose_shape"),
    *("jwt_parts", "base64_", "json_", "sdjwt_", "proof_missing", "disclosure_malformed"),
)


@dataclass(frozen=True)
class Check:
    """A verdict with the status as the records have it now."""

    claims: Claims
    failures: tuple[Failure, ...]

    @property
    def ok(self) -> bool:
        return not self.failures

    @property
    def genuine(self) -> bool:
        """Form and signature hold: what it says is what the programme wrote."""
        return self.claims.public_id is not None

    @property
    def in_time(self) -> bool:
        return not any(failure.code in DATES for failure in self.failures)

    @property
    def in_force(self) -> bool:
        return not any(failure.code in STATUS for failure in self.failures)

    @property
    def malformed(self) -> bool:
        return not self.genuine and any(
            failure.code.startswith(MALFORMED_BEGIN) and failure.code != "not_canonical"
            for failure in self.failures
        )

    @property
    def texts(self) -> list[Text]:
        return [failure.text for failure in self.failures]


def check_online(value: object, *, at: datetime, keys: KeySet) -> Check:
    """Never raises on any `value`; raises what the database raises."""
    verdict = verify_any(value, at=at, keys=keys)
    codes = state_codes(verdict.claims.public_id) if verdict.claims.public_id else []
    known = {failure.code for failure in verdict.failures}
    more = tuple(Failure(code) for code in codes if code not in known)
    return Check(verdict.claims, verdict.failures + more)
