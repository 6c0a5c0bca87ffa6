"""Reading the public Ed25519 key of a device, in whatever form its maker prints it."""

import base64
import binascii
import json

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.utils.translation import gettext_lazy as _

from trustedtruck.core.errors import FieldError, Invalid, Text

BYTES = 32
LONGEST = 2_000


def read_ed25519(text: str) -> bytes:
    """The 32 bytes of a public key: PEM, JWK (RFC 8037), base64, base64url or hexadecimal.

    Raises `Invalid` for the field `public_key`; a private key is refused in words of its own.
    """
    text = text.strip()
    if len(text) > LONGEST:
        raise _wrong(_("This is longer than any Ed25519 key."), "public_key_malformed")
    if text.startswith("-----BEGIN"):
        return _pem(text)
    if text.startswith("{"):
        return _jwk(text)
    compact = "".join(text.split())
    if len(compact) == 2 * BYTES:
        try:
            return bytes.fromhex(compact)
        except ValueError:
            pass
    return _base64(compact)


def _pem(text: str) -> bytes:
    if "PRIVATE KEY" in text:
        raise _private()
    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise _unreadable() from None
    if not isinstance(key, Ed25519PublicKey):
        raise _wrong(_("This is not an Ed25519 key."), "public_key_not_ed25519")
    return key.public_bytes_raw()


def _jwk(text: str) -> bytes:
    try:
        jwk = json.loads(text)
    except (ValueError, RecursionError):
        raise _unreadable() from None
    if not isinstance(jwk, dict):
        raise _unreadable()
    if "d" in jwk:
        raise _private()
    if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519":
        raise _wrong(_("This is not an Ed25519 key."), "public_key_not_ed25519")
    return _base64(str(jwk.get("x", "")))


def _base64(text: str) -> bytes:
    standard = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        data = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise _unreadable() from None
    if len(data) != BYTES:
        raise _unreadable()
    return data


def _unreadable() -> Invalid:
    return _wrong(
        _("Paste the public key as PEM, JWK, base64 or 64 hexadecimal digits."),
        "public_key_malformed",
    )


def _private() -> Invalid:
    return _wrong(
        _("This is a private key. It must never leave the device: make a new one there."),
        "public_key_is_private",
    )


def _wrong(text: Text, code: str) -> Invalid:
    return Invalid((FieldError("public_key", code, text),), _("Some fields are wrong."))
