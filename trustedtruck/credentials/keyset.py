"""The keys that verify: pure values, from the database or from a lane bundle."""

import base64
import functools
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from trustedtruck.credentials.failures import Refusal

PublicKey = EllipticCurvePublicKey | Ed25519PublicKey
_ES256 = ECDSA(SHA256())
KID_BYTES = 8
# An issue may be under way in another process while its key is retired.
LEEWAY = timedelta(seconds=60)


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@functools.lru_cache(maxsize=256)
def did_web(base_url: str) -> str:
    """The did:web of an address: `https://tt.example:8443/x` is `did:web:tt.example%3A8443:x`."""
    parts = urlsplit(base_url)
    path = "".join(f":{quote(part, safe='')}" for part in parts.path.split("/") if part)
    return f"did:web:{quote(parts.netloc, safe='')}{path}"


def public_jwk(key: PublicKey) -> dict[str, str]:
    """The public part as a JWK (RFC 7517, RFC 8037), without `kid`."""
    if isinstance(key, Ed25519PublicKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": b64url(key.public_bytes_raw())}
    numbers = key.public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": b64url(numbers.x.to_bytes(32, "big")),
        "y": b64url(numbers.y.to_bytes(32, "big")),
    }


def from_jwk(jwk: Mapping[str, Any]) -> PublicKey:
    """The key of a public JWK. Raises ValueError on anything else."""

    def number(name: str) -> bytes:
        text = jwk.get(name)
        if not isinstance(text, str) or len(text) != 43:
            raise ValueError(f"{name} is not 32 bytes of base64url")
        return base64.urlsafe_b64decode(text + "=")

    if jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519":
        return Ed25519PublicKey.from_public_bytes(number("x"))
    if jwk.get("kty") == "EC" and jwk.get("crv") == "P-256":
        x, y = (int.from_bytes(number(name), "big") for name in "xy")
        return EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
    raise ValueError("only P-256 and Ed25519 keys")


def thumbprint(jwk: Mapping[str, str]) -> bytes:
    """RFC 7638: the hash of the JWK's required members in lexical order."""
    members = {name: jwk[name] for name in ("crv", "kty", "x", "y") if name in jwk}
    return hashlib.sha256(
        json.dumps(members, separators=(",", ":"), sort_keys=True).encode()
    ).digest()


def kid_of(jwk: Mapping[str, str]) -> str:
    """The short name of a key: eight bytes of its thumbprint, so that a name cannot be chosen."""
    return b64url(thumbprint(jwk)[:KID_BYTES])


def check_raw(key: PublicKey, signature: bytes, message: bytes) -> bool:
    """A JOSE or COSE signature: r and s of 32 bytes each, or the 64 bytes of Ed25519."""
    if len(signature) != 64:
        return False
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, message)
        else:
            r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            key.verify(encode_dss_signature(r, s), message, _ES256)
    except InvalidSignature:
        return False
    return True


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """A public key with what it may sign and when."""

    kid: str
    purpose: str
    alg: str
    base_url: str
    key: PublicKey = field(repr=False)
    active_from: datetime
    retired_at: datetime | None = None
    distrusted_at: datetime | None = None

    @property
    def issuer(self) -> str:
        return did_web(self.base_url)

    @property
    def url(self) -> str:
        """The DID URL of the key, as `vc+jwt` and Data Integrity name it."""
        return f"{self.issuer}#{self.kid}"

    def check(self, signature: bytes, message: bytes, *, at: datetime) -> None:
        """Raises `Refusal`. Once it is distrusted nothing of it counts, of whatever date:
        whoever has the key can write any date."""
        if self.distrusted_at is not None and at >= self.distrusted_at:
            raise Refusal("key_distrusted")
        if len(signature) != 64:
            raise Refusal("signature_length")
        if not check_raw(self.key, signature, message):
            raise Refusal("signature_invalid")

    def check_issued(self, at: datetime | None) -> None:
        """Nothing is dated later than the key's retirement. Raises `Refusal`."""
        if self.retired_at is not None and at is not None and at > self.retired_at + LEEWAY:
            raise Refusal("key_retired")


class KeySet(Mapping[str, VerifyKey]):
    """Keys by their `kid`."""

    def __init__(self, keys: Iterable[VerifyKey]) -> None:
        self._keys = {key.kid: key for key in keys}

    def __getitem__(self, kid: str) -> VerifyKey:
        return self._keys[kid]

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, kid: str, *, purpose: str, alg: str) -> VerifyKey:
        """The key of this name. Raises `Refusal` unless purpose and algorithm are the key's own."""
        key = self._keys.get(kid)
        if key is None:
            raise Refusal("kid_unknown")
        if key.purpose != purpose:
            raise Refusal("key_purpose")
        if key.alg != alg:
            raise Refusal("alg_mismatch")
        return key
