"""Private keys in encrypted files, one per key: PKCS#8 under the store's passphrase."""

import functools
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from trustedtruck.credentials.keyset import PublicKey, kid_of, public_jwk
from trustedtruck.credentials.keystore import KeyUnavailable, Signer

_ES256 = ECDSA(SHA256())


class Es256Signer:
    """ECDSA on P-256 with SHA-256, as JOSE and COSE write it: r and s, 32 bytes each."""

    alg = "ES256"

    def __init__(self, key: EllipticCurvePrivateKey) -> None:
        self._key = key

    def sign(self, message: bytes) -> bytes:
        return raw_signature(self._key.sign(message, _ES256))


def raw_signature(der: bytes) -> bytes:
    """r and s of a P-256 signature that OpenSSL just made, cut out of its DER by position: the
    general decoder takes a sixth of the time of signing."""
    middle = 4 + der[3]
    r, s = der[4:middle], der[middle + 2 :]
    return r[-32:].rjust(32, b"\0") + s[-32:].rjust(32, b"\0")


class Ed25519Signer:
    alg = "Ed25519"

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


class FileStore:
    """`directory/<kid>.pem`, readable by the owner only. An empty passphrase opens nothing."""

    name = "files"

    def __init__(self, directory: Path, passphrase: str) -> None:
        self._directory = directory
        self._passphrase = passphrase

    def create(self, alg: str) -> tuple[str, PublicKey]:
        if not self._passphrase:
            raise KeyUnavailable
        key = (
            Ed25519PrivateKey.generate() if alg == "Ed25519" else generate_private_key(SECP256R1())
        )
        public = key.public_key()
        kid = kid_of(public_jwk(public))
        pem = key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(self._passphrase.encode())
        )
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Written aside and renamed: a reader sees the whole file or none.
            aside = self._directory / f".{kid}.{secrets.token_hex(4)}"
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
                f.write(pem)
                f.flush()
                os.fsync(f.fileno())
            aside.rename(self._directory / f"{kid}.pem")
        except OSError:
            raise KeyUnavailable from None
        return kid, public

    def signer(self, kid: str, alg: str) -> Signer:
        signer = _load(self._directory / f"{kid}.pem", self._passphrase)
        if signer.alg != alg:
            raise KeyUnavailable
        return signer


@functools.lru_cache(maxsize=64)
def _load(path: Path, passphrase: str) -> Signer:
    # `from None` throughout: no traceback of ours may carry the passphrase or a key.
    try:
        key = load_pem_private_key(path.read_bytes(), passphrase.encode())
    except (OSError, ValueError, TypeError):
        raise KeyUnavailable from None
    if isinstance(key, EllipticCurvePrivateKey):
        return Es256Signer(key)
    if isinstance(key, Ed25519PrivateKey):
        return Ed25519Signer(key)
    raise KeyUnavailable
