"""Where private keys live, behind one interface that a file store, an HSM or a KMS can serve."""

from typing import Protocol

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from trustedtruck.core.errors import Unavailable
from trustedtruck.credentials.keyset import PublicKey


class KeyUnavailable(Unavailable):
    """The store does not have the key, or cannot be opened."""

    def __init__(self) -> None:
        super().__init__("signing_key_unavailable", _("The key that must sign is not available."))


class Signer(Protocol):
    """One private key in use. It never leaves its store."""

    alg: str

    def sign(self, message: bytes) -> bytes:
        """64 bytes: r and s of ES256, or the signature of Ed25519. Raises `KeyUnavailable`."""


class Keystore(Protocol):
    """A place that makes keys and signs with them."""

    name: str

    def create(self, alg: str) -> tuple[str, PublicKey]:
        """Make a key; its `kid` and public part. Nothing else ever comes out."""

    def signer(self, kid: str, alg: str) -> Signer:
        """Raises `KeyUnavailable`."""


def open_store(name: str = "") -> Keystore:
    """The store of this name; by default the one that new keys are made in."""
    # Imported here: the stores are built on this module.
    from trustedtruck.credentials.keystore import pkcs11
    from trustedtruck.credentials.keystore.files import FileStore

    if (name or settings.KEYSTORE) == "pkcs11":
        return pkcs11.opened()
    return FileStore(settings.KEYSTORE_DIR, settings.KEYSTORE_PASSPHRASE)
