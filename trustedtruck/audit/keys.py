"""The key that signs checkpoints: Ed25519, encrypted, in the keystore's directory."""

import hashlib
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from django.conf import settings

from trustedtruck.core.embedded.environment import write_private

PRIVATE, PUBLIC = "audit-checkpoints.pem", "audit-checkpoints.pub.pem"


class AuditKeyUnavailable(RuntimeError):
    """There is no passphrase, or the key's file cannot be opened with it."""


def key_id(public: Ed25519PublicKey) -> str:
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def signing_key() -> Ed25519PrivateKey:
    """The installation's key; made at the first call. Raises `AuditKeyUnavailable`."""
    return _signing_key(Path(settings.KEYSTORE_DIR), settings.KEYSTORE_PASSPHRASE)


@cache
def _signing_key(directory: Path, passphrase: str) -> Ed25519PrivateKey:
    if not passphrase:
        raise AuditKeyUnavailable("KEYSTORE_PASSPHRASE is empty: no key to sign checkpoints with")
    path = directory / PRIVATE
    with suppress(FileExistsError):
        _make(directory, passphrase)
    try:
        key = load_pem_private_key(path.read_bytes(), passphrase.encode())
    except (OSError, ValueError, TypeError):
        raise AuditKeyUnavailable(f"{path} cannot be opened") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise AuditKeyUnavailable(f"{path} is no Ed25519 key")
    _publish(directory / PUBLIC, key.public_key())
    return key


def _publish(path: Path, key: Ed25519PublicKey) -> None:
    """Whoever made the key may have ended before this."""
    text = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    if not path.exists() or path.read_text() != text:
        write_private(path, text)


def _make(directory: Path, passphrase: str) -> None:
    """Write the private key, or raise FileExistsError when there is one already."""
    key = Ed25519PrivateKey.generate()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = directory / f".{PRIVATE}.{os.getpid()}"
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(
            key.private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode())
            )
        )
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link fails where the name exists: of two processes only one makes the key.
        os.link(aside, directory / PRIVATE)
    finally:
        aside.unlink()


def public_keys() -> dict[str, Ed25519PublicKey]:
    """The keys whose checkpoints count, by id. Needs no passphrase.

    After a rotation the old public key stays beside the new one as `audit-….pub.pem`.
    """
    found = {}
    for path in sorted(Path(settings.KEYSTORE_DIR).glob("audit-*.pub.pem")):
        with suppress(OSError, ValueError):
            key = load_pem_public_key(path.read_bytes())
            if isinstance(key, Ed25519PublicKey):
                found[key_id(key)] = key
    return found
