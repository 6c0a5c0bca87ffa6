"""Is this credential genuine, and in its time? The same answer on line, at the lane, and off line.

`verify_qr` and `verify_vc_jwt` take anything and never raise: whatever is wrong is in the verdict.
They read no clock and no database. Whether a credential has been suspended or revoked since is
asked apart: of the database in the statement that decides, or of lists where there is no line.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from trustedtruck.credentials.failures import Failure, Refusal
from trustedtruck.credentials.formats import qr, vc_jwt
from trustedtruck.credentials.formats.claims import Claims, Verdict, refused
from trustedtruck.credentials.keyset import KeySet
from trustedtruck.credentials.queries.keys import current_keys

__all__ = ["Claims", "Failure", "KeySet", "Verdict", "current_keys", "verify_qr", "verify_vc_jwt"]

# Clocks of issuer and verifier may differ by this much at the beginning of a period.
LEEWAY = timedelta(seconds=60)


def verify_qr(text: object, *, at: datetime, keys: KeySet) -> Verdict:
    """Check the text of a QR code (`TT1:...`) at the instant `at`."""
    return _judge(text, lambda t: qr.decode(t, keys=keys, at=at), at)


def verify_vc_jwt(token: object, *, at: datetime, keys: KeySet) -> Verdict:
    """Check a `vc+jwt` at the instant `at`."""
    return _judge(token, lambda t: vc_jwt.decode(t, keys=keys, at=at), at)


def _judge(text: object, decode: Callable[[str], Claims], at: datetime) -> Verdict:
    if not isinstance(text, str):
        return refused("not_text")
    if not text:
        return refused("empty")
    try:
        claims = decode(text)
    except Refusal as refusal:
        return Verdict(False, (refusal.failure,))
    return judge_dates(claims, at)


def judge_dates(claims: Claims, at: datetime) -> Verdict:
    """The verdict on a genuine credential: only its dates are still in question."""
    codes = []
    if claims.valid_from is None or claims.valid_until is None or claims.issued_at is None:
        return refused("claim_missing")
    if claims.valid_until <= claims.valid_from:
        codes.append("validity_inverted")
    if claims.valid_from > at + LEEWAY:
        codes.append("not_yet_valid")
    elif claims.issued_at > at + LEEWAY:
        codes.append("issued_in_future")
    if claims.valid_until <= at:
        codes.append("expired")
    return Verdict(not codes, tuple(Failure(code) for code in codes), claims)
