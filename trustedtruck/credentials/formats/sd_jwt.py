"""SD-JWT VC (`dc+sd-jwt`) with a holder key, for a driver's wallet (RFC 9901, SD-JWT VC draft).

What a verifier always sees: issuer, type, dates, subject, holder key, status. Names, card and
carrier are disclosures, which the holder shows or keeps.
"""

import hashlib
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from trustedtruck.credentials.failures import Refusal
from trustedtruck.credentials.formats import jws, qr, strict_json
from trustedtruck.credentials.formats.claims import Claims, Draft
from trustedtruck.credentials.keyset import (
    KeySet,
    PublicKey,
    VerifyKey,
    b64url,
    check_raw,
    from_jwk,
)
from trustedtruck.credentials.keystore import Signer

TYP, KB_TYP = "dc+sd-jwt", "kb+jwt"
LIMIT = 16_384
MAX_DISCLOSURES = 32
# A holder's proof may be this old, and so far in the future, in seconds.
KB_AGE, KB_LEEWAY = 300, 60
DISCLOSED = {
    "givenNames": "given_names",
    "familyNames": "family_names",
    "fastCard": "fast_card",
}
_PLAIN = frozenset(
    {"iss", "vct", "iat", "nbf", "exp", "sub", "jti", "cnf", "status", "_sd", "_sd_alg"}
)
_DISCLOSABLE = frozenset({*DISCLOSED.values(), "carrier_name", "carrier_scac"})


@dataclass(frozen=True)
class Binding:
    """What a verifier asked for: its own name and the nonce it gave."""

    audience: str
    nonce: str


def vct_url(base_url: str) -> str:
    return f"{base_url}/vct/driver-v1"


def encode(
    draft: Draft, *, base_url: str, kid: str, holder: Mapping[str, str], signer: Signer
) -> str:
    """The SD-JWT with all disclosures, ending in `~`. `holder` is the wallet's public JWK."""
    carrier = draft.subject["carrier"]
    values = {new: draft.subject[old] for old, new in DISCLOSED.items() if old in draft.subject}
    values |= {"carrier_name": carrier["legalName"], "carrier_scac": carrier["scac"]}
    disclosures = [
        b64url(strict_json.dumps([b64url(secrets.token_bytes(16)), name, value]))
        for name, value in values.items()
    ]
    payload = {
        "iss": base_url,
        "vct": vct_url(base_url),
        "jti": f"urn:uuid:{draft.public_id}",
        "sub": f"urn:uuid:{draft.subject_id}",
        "iat": int(draft.issued_at.timestamp()),
        "nbf": int(draft.valid_from.timestamp()),
        "exp": int(draft.valid_until.timestamp()),
        "cnf": {"jwk": dict(holder)},
        "status": {
            "status_list": {
                "idx": draft.status_index,
                "uri": qr.status_uri(base_url, draft.status_list),
            }
        },
        "_sd_alg": "sha-256",
        # Sorted, so that their order tells nothing of the names.
        "_sd": sorted(_digest(disclosure) for disclosure in disclosures),
    }
    token = jws.sign(jws.header(typ=TYP, kid=kid), strict_json.dumps(payload), signer)
    return "~".join([token, *disclosures, ""])


def decode(text: str, *, keys: KeySet, at: datetime, binding: Binding | None = None) -> Claims:
    """The claims with what was disclosed, in `details`. Raises `Refusal`.

    With `binding` the holder's proof must be there and answer it; without, one that is there must
    at least be the holder's.
    """
    if len(text) > LIMIT:
        raise Refusal("oversized")
    if "~" not in text:
        raise Refusal("sdjwt_shape")
    token, *disclosures, proof = text.split("~")
    if len(disclosures) > MAX_DISCLOSURES:
        raise Refusal("oversized")
    payload, key = jws.open_signed(
        token, keys=keys, purpose="credential", typ=TYP, limit=LIMIT, at=at
    )
    value = strict_json.object_of(payload)
    details = _disclosed(value, disclosures)
    claims, holder = _claims(value, details, key)
    if proof:
        _key_binding(proof, text[: -len(proof)], holder, at, binding)
    elif binding is not None:
        raise Refusal("key_binding_missing")
    return claims


def _digest(text: str) -> str:
    return b64url(hashlib.sha256(text.encode()).digest())


def _disclosed(value: Mapping[str, Any], disclosures: list[str]) -> dict[str, str]:
    if value.get("_sd_alg", "sha-256") != "sha-256":
        raise Refusal("sd_alg_unsupported")
    digests = value.get("_sd", [])
    if not isinstance(digests, list) or len(disclosures) != len(set(disclosures)):
        raise Refusal("disclosure_twice" if isinstance(digests, list) else "claim_type")
    found: dict[str, str] = {}
    for disclosure in disclosures:
        try:
            plain = jws.unb64url(disclosure)
            wrapped = strict_json.object_of(b'{"d":' + plain + b"}")
        except Refusal:
            raise Refusal("disclosure_malformed") from None
        if _digest(disclosure) not in digests:
            raise Refusal("disclosure_unknown")
        item = wrapped["d"]
        if len(wrapped) != 1 or not isinstance(item, list) or len(item) != 3:
            raise Refusal("disclosure_malformed")
        _salt, name, item = item
        if not isinstance(name, str) or not isinstance(item, str):
            raise Refusal("disclosure_malformed")
        if name not in _DISCLOSABLE:
            raise Refusal("disclosure_name")
        if name in found:
            raise Refusal("disclosure_twice")
        found[name] = item
    return found


def _claims(
    value: Mapping[str, Any], details: Mapping[str, str], key: VerifyKey
) -> tuple[Claims, PublicKey]:
    if value.keys() - _PLAIN:
        raise Refusal("claim_unknown")
    if _PLAIN - value.keys():
        raise Refusal("status_missing" if "status" not in value else "claim_missing")
    if value["iss"] != key.base_url:
        raise Refusal("issuer_mismatch")
    if value["vct"] != vct_url(key.base_url):
        raise Refusal("vct_wrong")
    cnf = value["cnf"]
    jwk = cnf.get("jwk") if isinstance(cnf, dict) else None
    if not isinstance(jwk, dict):
        raise Refusal("claim_type")
    try:
        holder = from_jwk(jwk)
    except ValueError:
        raise Refusal("claim_type") from None
    number, index = qr.read_status(value["status"], key)
    issued_at = _instant(value["iat"])
    key.check_issued(issued_at)
    return Claims(
        public_id=_urn(value["jti"]),
        kind="driver",
        subject_id=_urn(value["sub"]),
        issued_at=issued_at,
        valid_from=_instant(value["nbf"]),
        valid_until=_instant(value["exp"]),
        kid=key.kid,
        issuer=key.issuer,
        status_list=number,
        status_index=index,
        details=dict(details),
    ), holder


def _key_binding(
    proof: str, presented: str, holder: PublicKey, at: datetime, binding: Binding | None
) -> None:
    parts = proof.split(".")
    if len(parts) != 3:
        raise Refusal("key_binding_typ")
    head = strict_json.object_of(jws.unb64url(parts[0]))
    if head.get("typ") != KB_TYP or head.get("alg") != "ES256" or "crit" in head:
        raise Refusal("key_binding_typ")
    message = f"{parts[0]}.{parts[1]}".encode()
    if not check_raw(holder, jws.unb64url(parts[2]), message):
        raise Refusal("key_binding_signature")
    value = strict_json.object_of(jws.unb64url(parts[1]))
    if value.get("sd_hash") != _digest(presented):
        raise Refusal("key_binding_hash")
    made = value.get("iat")
    if type(made) is not int or not -KB_LEEWAY <= at.timestamp() - made <= KB_AGE:
        raise Refusal("key_binding_time")
    if binding is not None:
        if value.get("aud") != binding.audience:
            raise Refusal("key_binding_audience")
        if value.get("nonce") != binding.nonce:
            raise Refusal("key_binding_nonce")


def _urn(value: Any) -> uuid.UUID:
    if not isinstance(value, str) or not value.startswith("urn:uuid:"):
        raise Refusal("claim_type")
    try:
        return uuid.UUID(value.removeprefix("urn:uuid:"))
    except ValueError:
        raise Refusal("claim_type") from None


def _instant(value: Any) -> datetime:
    if type(value) is not int or not 0 <= value <= qr.LATEST:
        raise Refusal("claim_type")
    return datetime.fromtimestamp(value, UTC)
