"""Is this credential genuine, and in its time? The same answer on line, at the lane, and off line.

`verify_qr` and `verify_vc_jwt` take anything and never raise: whatever is wrong is in the verdict.
They read no clock and no database. Whether a credential has been suspended or revoked since is
asked apart: of the database in the statement that decides, or of lists where there is no line.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from trustedtruck.credentials.failures import Failure, Refusal
from trustedtruck.credentials.formats import (
    data_integrity,
    qr,
    sd_jwt,
    strict_json,
    vc_jwt,
    vcdm,
)
from trustedtruck.credentials.formats.claims import Claims, Verdict, date_codes, refused
from trustedtruck.credentials.formats.sd_jwt import Binding
from trustedtruck.credentials.keyset import KeySet
from trustedtruck.credentials.queries.keys import current_keys

__all__ = [
    "Binding",
    "Claims",
    "Failure",
    "KeySet",
    "Verdict",
    "current_keys",
    "verify_any",
    "verify_data_integrity",
    "verify_qr",
    "verify_sd_jwt",
    "verify_vc_jwt",
]


def verify_qr(text: object, *, at: datetime, keys: KeySet) -> Verdict:
    """Check the text of a QR code (`TT1:...`) at the instant `at`."""
    return _judge(text, lambda t: qr.decode(t, keys=keys, at=at), at)


def verify_vc_jwt(token: object, *, at: datetime, keys: KeySet) -> Verdict:
    """Check a `vc+jwt` at the instant `at`."""
    return _judge(token, lambda t: vc_jwt.decode(t, keys=keys, at=at), at)


def verify_sd_jwt(
    text: object, *, at: datetime, keys: KeySet, binding: Binding | None = None
) -> Verdict:
    """Check an SD-JWT VC. `binding` asks for the holder's proof with this audience and nonce."""
    return _judge(text, lambda t: sd_jwt.decode(t, keys=keys, at=at, binding=binding), at)


def verify_data_integrity(value: object, *, at: datetime, keys: KeySet) -> Verdict:
    """Check a credential that carries an `eddsa-jcs-2022` proof, given as a JSON object."""
    if not isinstance(value, dict):
        return refused("json_not_object")
    try:
        document, key = data_integrity.open_secured(value, keys=keys, at=at)
        claims = vcdm.read(document, key)
    except Refusal as refusal:
        return Verdict(False, (refusal.failure,))
    return judge_dates(claims, at)


def verify_any(value: object, *, at: datetime, keys: KeySet) -> Verdict:
    """Check whatever was pasted: QR text, `vc+jwt`, SD-JWT, enveloped or Data Integrity JSON."""
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return refused("empty")
        if text.startswith(qr.PREFIX):
            return verify_qr(text, at=at, keys=keys)
        if "~" in text:
            return verify_sd_jwt(text, at=at, keys=keys)
        if not text.startswith("{"):
            dotted = text.count(".") == 2
            return verify_vc_jwt(text, at=at, keys=keys) if dotted else refused("format_unknown")
        if len(text) > vc_jwt.LIMIT:
            return refused("oversized")
        try:
            value = strict_json.object_of(text.encode("utf-8", "surrogatepass"))
        except Refusal as refusal:
            return Verdict(False, (refusal.failure,))
    if not isinstance(value, dict):
        return refused("not_text" if value is not None else "empty")
    if "proof" not in value and (enveloped := opened_envelope(value)) is not None:
        return verify_any(enveloped, at=at, keys=keys)
    return verify_data_integrity(value, at=at, keys=keys)


def opened_envelope(value: Mapping[str, object]) -> str | None:
    """The token in an EnvelopedVerifiableCredential (VCDM 2.0, section 4.12.1)."""
    types, identifier = value.get("type"), value.get("id")
    named = types if isinstance(types, list) else [types]
    if "EnvelopedVerifiableCredential" not in named or not isinstance(identifier, str):
        return None
    for prefix in ("data:application/vc+jwt,", "data:application/dc+sd-jwt,"):
        if identifier.startswith(prefix):
            return identifier.removeprefix(prefix)
    return None


def envelope(token: str) -> dict[str, str]:
    """A `vc+jwt` as an EnvelopedVerifiableCredential."""
    return {
        "@context": vcdm.W3C,
        "id": f"data:application/vc+jwt,{token}",
        "type": "EnvelopedVerifiableCredential",
    }


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
    codes = date_codes(claims, at)
    return Verdict(not codes, tuple(Failure(code) for code in codes), claims)
