"""Private keys in an HSM, through its PKCS#11 library: made there, used there, never taken out.

Needs the `python-pkcs11` package, which only an installation with an HSM installs, and the settings
`PKCS11_MODULE` (path of the vendor's library), `PKCS11_TOKEN` and `PKCS11_PIN`.
"""

import functools
import hashlib
import os
import threading
from types import ModuleType
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings

from trustedtruck.credentials.keyset import PublicKey, kid_of, public_jwk
from trustedtruck.credentials.keystore import KeyUnavailable, Signer

_P256 = bytes.fromhex("06082a8648ce3d030107")  # the OID prime256v1, in DER
_ED25519 = bytes.fromhex("130c656477617264733235353139")  # PrintableString "edwards25519"


class Pkcs11Signer:
    """One key of the token, found by its label, the `kid`."""

    def __init__(self, store: "Pkcs11Store", kid: str, alg: str) -> None:
        self.alg = alg
        self._store, self._kid = store, kid

    def sign(self, message: bytes) -> bytes:
        return self._store.sign(self._kid, self.alg, message)


class Pkcs11Store:
    """A token of an HSM. One session a process; a session is used by one thread at a time."""

    name = "pkcs11"

    def __init__(self, module: str, token: str, pin: str) -> None:
        self._module, self._token, self._pin = module, token, pin
        self._lock = threading.Lock()
        self._open: Any = None
        self._keys: dict[str, Any] = {}

    def create(self, alg: str) -> tuple[str, PublicKey]:
        library = _library()
        with self._lock:
            try:
                session = self._session()
                curve, kind = (
                    (_ED25519, library.KeyType.EC_EDWARDS)
                    if alg == "Ed25519"
                    else (_P256, library.KeyType.EC)
                )
                parameters = session.create_domain_parameters(
                    kind, {library.Attribute.EC_PARAMS: curve}, local=True
                )
                public, private = parameters.generate_keypair(
                    store=True,
                    label="new",
                    capabilities=library.MechanismFlag.SIGN | library.MechanismFlag.VERIFY,
                    private_template={
                        library.Attribute.SENSITIVE: True,
                        library.Attribute.EXTRACTABLE: False,
                    },
                )
                found = _public(bytes(public[library.Attribute.EC_POINT]), alg)
                kid = kid_of(public_jwk(found))
                for half in (public, private):
                    half[library.Attribute.LABEL] = kid
            except library.PKCS11Error:
                raise KeyUnavailable from None
            self._keys[kid] = private
        return kid, found

    def signer(self, kid: str, alg: str) -> Signer:
        return Pkcs11Signer(self, kid, alg)

    def sign(self, kid: str, alg: str, message: bytes) -> bytes:
        library = _library()
        with self._lock:
            try:
                session = self._session()
                if kid not in self._keys:
                    self._keys[kid] = session.get_key(
                        object_class=library.ObjectClass.PRIVATE_KEY, label=kid
                    )
                key = self._keys[kid]
                if alg == "Ed25519":
                    return bytes(key.sign(message, mechanism=library.Mechanism.EDDSA))
                digest = hashlib.sha256(message).digest()
                return bytes(key.sign(digest, mechanism=library.Mechanism.ECDSA))
            except library.PKCS11Error:
                # The session may be what broke: the next call opens another.
                self._open, self._keys = None, {}
                raise KeyUnavailable from None

    def _session(self) -> Any:
        if self._open is None:
            token = _library().lib(self._module).get_token(token_label=self._token)
            self._open = token.open(rw=True, user_pin=self._pin)
        return self._open


def opened() -> Pkcs11Store:
    """The store of the settings. A forked process gets its own: a session does not survive."""
    return _opened(os.getpid())


@functools.lru_cache(maxsize=1)
def _opened(_process: int) -> Pkcs11Store:
    return Pkcs11Store(settings.PKCS11_MODULE, settings.PKCS11_TOKEN, settings.PKCS11_PIN)


def _library() -> ModuleType:
    try:
        import pkcs11
    except ImportError:
        raise KeyUnavailable from None
    return pkcs11


def _public(point: bytes, alg: str) -> PublicKey:
    """The public key of a CKA_EC_POINT, which most tokens wrap in a DER octet string."""
    wanted = 32 if alg == "Ed25519" else 65
    raw = point[2:] if len(point) == wanted + 2 else point
    if alg == "Ed25519":
        return Ed25519PublicKey.from_public_bytes(raw)
    return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), raw)
