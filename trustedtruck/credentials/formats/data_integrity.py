"""Data Integrity proofs of the cryptosuite `eddsa-jcs-2022` (W3C vc-di-eddsa, section 3.3).

No RDF: the document is canonicalised as JSON (RFC 8785), which is why its shape must be closed.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import rfc8785

from trustedtruck.credentials.failures import Refusal
from trustedtruck.credentials.formats import vcdm
from trustedtruck.credentials.keyset import KeySet, VerifyKey
from trustedtruck.credentials.keystore import Signer

SUITE = "eddsa-jcs-2022"
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS = {c: i for i, c in enumerate(_BASE58)}
_PROOF_TERMS = frozenset(
    {"@context", "type", "cryptosuite", "created", "verificationMethod", "proofPurpose"}
)
_ED25519_PREFIX = b"\xed\x01"


def base58(data: bytes) -> str:
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def unbase58(text: str) -> bytes:
    number = 0
    for character in text:
        if character not in _DIGITS:
            raise Refusal("proof_value")
        number = number * 58 + _DIGITS[character]
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return b"\0" * (len(text) - len(text.lstrip("1"))) + data


def multikey(raw_public: bytes) -> str:
    """The Multikey form of an Ed25519 public key."""
    return "z" + base58(_ED25519_PREFIX + raw_public)


def secure(
    document: Mapping[str, Any], *, method: str, created: datetime, signer: Signer
) -> dict[str, Any]:
    """The document with its proof. `method` is the DID URL of the key."""
    proof: dict[str, Any] = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": vcdm.stamp(created),
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
        "@context": document["@context"],
    }
    value = "z" + base58(signer.sign(_hash(document, proof)))
    return {**document, "proof": {**proof, "proofValue": value}}


def open_secured(
    value: Mapping[str, Any], *, keys: KeySet, at: datetime
) -> tuple[dict[str, Any], VerifyKey]:
    """The document without its proof, and the key that made it. Raises `Refusal`."""
    document = {name: item for name, item in value.items() if name != "proof"}
    proof = value.get("proof")
    if proof is None:
        raise Refusal("proof_missing")
    if not isinstance(proof, dict):
        raise Refusal("proof_shape")
    options = {name: item for name, item in proof.items() if name != "proofValue"}
    if proof.get("type") != "DataIntegrityProof" or proof.get("cryptosuite") != SUITE:
        raise Refusal("proof_suite")
    if proof.get("proofPurpose") != "assertionMethod":
        raise Refusal("proof_purpose")
    if options.keys() - _PROOF_TERMS:
        raise Refusal("proof_shape")
    # The proof's context must be the beginning of the document's (section 3.3.2, step 4).
    if "@context" in options and options["@context"] != document.get("@context"):
        raise Refusal("context_wrong")
    _created(options.get("created"), at)
    signature = proof.get("proofValue")
    if not isinstance(signature, str) or not signature.startswith("z") or len(signature) > 100:
        raise Refusal("proof_value")
    key = _key(options.get("verificationMethod"), keys)
    key.check(unbase58(signature[1:]), _hash(document, options), at=at)
    return document, key


def _key(method: Any, keys: KeySet) -> VerifyKey:
    if method is None:
        raise Refusal("kid_missing")
    if not isinstance(method, str):
        raise Refusal("kid_malformed")
    did, hash_sign, kid = method.partition("#")
    if not hash_sign:
        raise Refusal("kid_malformed")
    key = keys.find(kid, purpose="integrity", alg="Ed25519")
    if did != key.issuer:
        raise Refusal("issuer_mismatch")
    return key


def _hash(document: Mapping[str, Any], options: Mapping[str, Any]) -> bytes:
    try:
        parts = [rfc8785.dumps(dict(options)), rfc8785.dumps(dict(document))]
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeError):
        raise Refusal("not_canonical") from None
    return b"".join(hashlib.sha256(part).digest() for part in parts)


def _created(value: Any, at: datetime) -> None:
    try:
        created = datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except (TypeError, ValueError):
        raise Refusal("proof_date") from None
    if created > at + timedelta(seconds=60):
        raise Refusal("proof_date")
