"""The bundle of a port: a signed manifest of what it is given, and the parts that it lacks.

The lane bundle's sister (`credentials.formats.bundle`), signed by the same key and refused for the
same reasons: it is made for one port, and says all that a decision there is made from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from lanes.edge.parts import digest
from trustedtruck.credentials.failures import Refusal
from trustedtruck.credentials.formats import jws, strict_json
from trustedtruck.credentials.formats.bundle import LEEWAY, LIFE
from trustedtruck.credentials.keyset import KeySet
from trustedtruck.credentials.keystore import Signer

TYP = "tt-port-bundle+jwt"
LIMIT = 1024 * 1024


@dataclass(frozen=True)
class Manifest:
    """What headquarters says that a port knows; `parts` are digests by name."""

    port_code: str
    issuer: str
    seq: int
    made_at: datetime
    expires_at: datetime
    parts: Mapping[str, str]


def sign(
    parts: Mapping[str, str],
    *,
    port_code: str,
    seq: int,
    at: datetime,
    issuer: str,
    kid: str,
    signer: Signer,
) -> str:
    """The manifest of a port's bundle as a JWS; `parts` are digests by name."""
    payload = {
        "iss": issuer,
        "port": port_code,
        "seq": seq,
        "iat": int(at.timestamp()),
        "exp": int((at + LIFE).timestamp()),
        "parts": dict(parts),
    }
    head = jws.header(typ=TYP, kid=f"{issuer}#{kid}")
    return jws.sign(head, strict_json.dumps(payload), signer)


def open_manifest(token: object, *, port_code: str, keys: KeySet, at: datetime) -> Manifest:
    """The manifest, once signature, port and dates hold. Raises `Refusal`."""
    if not isinstance(token, str):
        raise Refusal("bundle_malformed")
    try:
        payload, key = jws.open_signed(
            token, keys=keys, purpose="bundle", typ=TYP, limit=LIMIT, at=at
        )
    except Refusal as refusal:
        if refusal.failure.code in ("typ_wrong", "typ_missing"):
            raise Refusal("bundle_typ") from None
        raise
    value = strict_json.object_of(payload)
    if value.get("iss") != key.issuer:
        raise Refusal("bundle_issuer")
    try:
        found = Manifest(
            value["port"],
            value["iss"],
            int(value["seq"]),
            datetime.fromtimestamp(value["iat"], UTC),
            datetime.fromtimestamp(value["exp"], UTC),
            {str(name): str(wanted) for name, wanted in value["parts"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise Refusal("bundle_malformed") from None
    if found.port_code != port_code:
        raise Refusal("bundle_port")
    if at >= found.expires_at:
        raise Refusal("bundle_stale")
    if at < found.made_at - LEEWAY:
        raise Refusal("bundle_from_future")
    return found


def check_parts(manifest: Manifest, texts: object, *, held: Mapping[str, str]) -> dict[str, str]:
    """The texts of all parts that are not held already, each as the manifest says. Raises
    `Refusal`."""
    if not isinstance(texts, dict):
        raise Refusal("bundle_malformed")
    found = {}
    for name, wanted in manifest.parts.items():
        if held.get(name) == wanted:
            continue
        text = texts.get(name)
        if not isinstance(text, str):
            raise Refusal("bundle_gap")
        if digest(text) != wanted:
            raise Refusal("bundle_digest")
        found[name] = text
    return found
