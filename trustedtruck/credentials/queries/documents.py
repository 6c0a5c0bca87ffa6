"""The public documents: DID, JWKS, JSON-LD context, JSON Schemas."""

from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from trustedtruck.credentials.formats import data_integrity, vcdm
from trustedtruck.credentials.keyset import KeySet, VerifyKey, did_web, public_jwk

VOCABULARY = "/contexts/v1#"
_TEXTS = (
    *("legalName", "scac", "usdot", "caat", "country", "givenNames", "familyNames", "fastCard"),
    *("unitNumber", "vin", "tagEpc", "plateNumber", "plateJurisdiction"),
)
_REQUIRED = {
    "carrier": ["legalName", "scac"],
    "driver": ["givenNames", "familyNames", "carrier"],
    "truck": ["vin", "plateNumber", "plateJurisdiction", "carrier"],
    "trailer": ["plateNumber", "plateJurisdiction", "carrier"],
}


def jwk(key: VerifyKey) -> dict[str, str]:
    return {**public_jwk(key.key), "kid": key.kid, "alg": key.alg, "use": "sig"}


def trusted(keys: KeySet, base_url: str, at: datetime) -> list[VerifyKey]:
    """The keys of this identity that are to be believed at this instant, in stable order."""
    found = [
        key
        for key in keys.values()
        if key.base_url == base_url and (key.distrusted_at is None or key.distrusted_at > at)
    ]
    return sorted(found, key=lambda key: (key.purpose, key.active_from, key.kid))


def trusted_everywhere(keys: KeySet) -> list[VerifyKey]:
    """All keys, the distrusted too: a lane must know from when on a key no longer counts."""
    return sorted(keys.values(), key=lambda key: (key.purpose, key.active_from, key.kid))


def jwks(keys: KeySet, base_url: str, at: datetime) -> dict[str, Any]:
    """Each key under its short name, which is the `kid` of what lanes check."""
    return {"keys": [jwk(key) for key in trusted(keys, base_url, at)]}


def did_document(keys: KeySet, base_url: str, at: datetime) -> dict[str, Any]:
    """did:web (W3C CCG). Published keys stay in it until they are distrusted."""
    did = did_web(base_url)
    methods = [_method(key, did) for key in trusted(keys, base_url, at)]
    return {
        "@context": [
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/jwk/v1",
            "https://w3id.org/security/multikey/v1",
        ],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def _method(key: VerifyKey, did: str) -> dict[str, Any]:
    common = {"id": key.url, "controller": did}
    if isinstance(key.key, Ed25519PublicKey):
        raw = key.key.public_bytes_raw()
        return {
            **common,
            "type": "Multikey",
            "publicKeyMultibase": data_integrity.multikey(raw),
        }
    return {**common, "type": "JsonWebKey", "publicKeyJwk": jwk(key)}


def context(base_url: str) -> dict[str, Any]:
    """Our JSON-LD context: every term spelled out, protected, without `@vocab`."""
    vocabulary = base_url + VOCABULARY
    terms: dict[str, Any] = {
        "@protected": True,
        "id": "@id",
        "type": "@type",
        **{name: f"{vocabulary}{name}" for name in _TEXTS},
        "tier": {
            "@id": f"{vocabulary}tier",
            "@type": "http://www.w3.org/2001/XMLSchema#integer",
        },
        "carrier": {"@id": f"{vocabulary}carrier", "@type": "@id"},
        vcdm.CREDENTIAL_TYPE: f"{vocabulary}{vcdm.CREDENTIAL_TYPE}",
        **{name: f"{vocabulary}{name}" for name in vcdm.SUBJECT_TYPES.values()},
    }
    return {"@context": terms}


def schema(base_url: str, kind: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of one kind of credential."""
    carrier = {
        "type": "object",
        "required": ["id", "type"],
        "properties": {
            "id": {"type": "string", "pattern": "^urn:uuid:"},
            "type": {"const": "TrustedCarrier"},
            **{name: {"type": "string"} for name in ("legalName", "scac")},
        },
    }
    names = sorted(vcdm.SUBJECT_TERMS[kind] - {"id", "type", "carrier", "tier"})
    properties: dict[str, Any] = {
        "id": {"type": "string", "pattern": "^urn:uuid:"},
        "type": {"const": vcdm.SUBJECT_TYPES[kind]},
        **{name: {"type": "string", "minLength": 1} for name in names},
    }
    if kind != "carrier":
        properties["carrier"] = carrier
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": vcdm.schema_url(base_url, kind),
        "title": vcdm.SUBJECT_TYPES[kind],
        "type": "object",
        "required": sorted(vcdm.TOP_TERMS - {"credentialSchema"}),
        "properties": {
            "credentialSubject": {
                "type": "object",
                "required": ["id", "type", *_REQUIRED[kind]],
                "properties": properties,
                "additionalProperties": False,
            },
            "credentialStatus": {"type": "array", "minItems": 2, "maxItems": 2},
        },
    }
