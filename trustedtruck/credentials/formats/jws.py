"""Compact JWS (RFC 7515) with ES256, read strictly: the header may hold what we write, no more."""

import base64
import re
from collections.abc import Set
from datetime import datetime
from typing import Any

from trustedtruck.credentials.failures import Refusal
from trustedtruck.credentials.formats import strict_json
from trustedtruck.credentials.keyset import KeySet, VerifyKey, b64url
from trustedtruck.credentials.keystore import Signer

_B64URL = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
_OWN_KEYS = ("jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256")
_OURS = frozenset({"alg", "typ", "cty", "kid"})


def unb64url(text: str) -> bytes:
    """Base64url without padding, in the one spelling that the bytes have."""
    if not _B64URL.fullmatch(text):
        raise Refusal("base64_invalid")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise Refusal("base64_invalid") from None
    if b64url(data) != text:
        raise Refusal("base64_invalid")
    return data


def header(*, typ: str, kid: str, **more: str) -> str:
    """An encoded header, which all tokens of one key and kind share."""
    return b64url(strict_json.dumps({"alg": "ES256", "typ": typ, **more, "kid": kid}))


def sign(encoded_header: str, payload: bytes, signer: Signer) -> str:
    message = f"{encoded_header}.{b64url(payload)}"
    return f"{message}.{b64url(signer.sign(message.encode()))}"


def open_signed(
    token: str,
    *,
    keys: KeySet,
    purpose: str,
    typ: str,
    limit: int,
    at: datetime,
    also: Set[str] = frozenset(),
) -> tuple[bytes, VerifyKey]:
    """The payload and the key that signed it. Raises `Refusal`. `also` are further header names."""
    if len(token) > limit:
        raise Refusal("oversized")
    parts = token.split(".")
    if len(parts) != 3:
        raise Refusal("jwt_parts")
    head = strict_json.object_of(unb64url(parts[0]))
    check_header(head, typ=typ, also=also)
    kid = head.get("kid")
    if kid is None:
        raise Refusal("kid_missing")
    if not isinstance(kid, str):
        raise Refusal("kid_malformed")
    did, hash_sign, name = kid.rpartition("#")
    key = keys.find(name, purpose=purpose, alg="ES256")
    if hash_sign and did != key.issuer:
        raise Refusal("issuer_mismatch")
    payload, signature = unb64url(parts[1]), unb64url(parts[2])
    key.check(signature, f"{parts[0]}.{parts[1]}".encode(), at=at)
    return payload, key


def check_header(head: dict[str, Any], *, typ: str, also: Set[str] = frozenset()) -> None:
    """What a header must say, whoever signed."""
    if "crit" in head:
        raise Refusal("crit_unknown")
    if any(name in head for name in _OWN_KEYS if name not in also):
        raise Refusal("header_key")
    if "b64" in head:
        raise Refusal("b64_false")
    alg = head.get("alg")
    if alg is None:
        raise Refusal("alg_missing")
    if isinstance(alg, str) and alg.lower() == "none":
        raise Refusal("alg_none")
    if alg != "ES256":
        raise Refusal("alg_unsupported")
    if "typ" not in head:
        raise Refusal("typ_missing")
    if head["typ"] != typ:
        raise Refusal("typ_wrong")
    if head.keys() - _OURS - also:
        raise Refusal("header_unknown")
