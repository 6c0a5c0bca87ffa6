"""Signed status lists: as a Bitstring credential (`vc+jwt`) and as a Token Status List (JWT)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from trustedtruck.credentials.failures import Refusal
from trustedtruck.credentials.formats import bitstring, jws, qr, strict_json, vc_jwt, vcdm
from trustedtruck.credentials.formats.claims import Claims
from trustedtruck.credentials.keyset import KeySet, VerifyKey

TOKEN_TYP = "statuslist+jwt"  # noqa: S105 - a media type
LIMIT = 1_500_000
# A list is renewed long before it ends; a verifier without a line may trust it for so long.
VALIDITY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class OpenedList:
    """A verified Bitstring list."""

    issuer: str
    url: str
    purpose: str
    bits: bytes

    def has(self, index: int) -> bool:
        return bitstring.bitstring_has(self.bits, index)


def list_credential(
    purpose: str, number: int, encoded: str, *, base_url: str, issuer: str, valid_from: datetime
) -> dict[str, Any]:
    """The unsigned BitstringStatusListCredential (Bitstring Status List 1.0, section 2.2)."""
    url = vcdm.status_url(base_url, purpose, number)
    return {
        "@context": [vcdm.W3C],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": vcdm.stamp(valid_from),
        "validUntil": vcdm.stamp(valid_from + VALIDITY),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": encoded,
        },
    }


def token_list(
    number: int, statuses: Mapping[int, int], size: int, *, base_url: str, valid_from: datetime
) -> dict[str, Any]:
    """The claims of a Status List Token."""
    begins = int(valid_from.timestamp())
    return {
        "sub": qr.status_uri(base_url, number),
        "iat": begins,
        "exp": begins + int(VALIDITY.total_seconds()),
        "ttl": 300,
        "status_list": {
            "bits": bitstring.TOKEN_BITS,
            "lst": bitstring.encode_token_list(statuses, size),
        },
    }


def open_list(token: str, *, keys: KeySet, at: datetime) -> OpenedList:
    """Verify a signed Bitstring list. Raises `Refusal`."""
    try:
        payload, key = jws.open_signed(
            token, keys=keys, purpose="status", typ=vc_jwt.TYP, limit=LIMIT, at=at
        )
        return read_list(strict_json.object_of(payload), key, at=at)
    except Refusal as refusal:
        if refusal.failure.code in ("typ_wrong", "typ_missing"):
            raise Refusal("status_list_typ") from None
        raise


def read_list(value: Mapping[str, Any], key: VerifyKey, *, at: datetime) -> OpenedList:
    """The list in a credential that `key` signed."""
    subject = value.get("credentialSubject")
    types = value.get("type")
    if not isinstance(types, list) or "BitstringStatusListCredential" not in types:
        raise Refusal("status_list_typ")
    if value.get("issuer") != key.issuer:
        raise Refusal("status_list_issuer")
    if not isinstance(subject, dict) or subject.get("type") != "BitstringStatusList":
        raise Refusal("status_list_typ")
    purpose, encoded, url = (
        subject.get("statusPurpose"),
        subject.get("encodedList"),
        value.get("id"),
    )
    if not (isinstance(encoded, str) and isinstance(purpose, str) and isinstance(url, str)):
        raise Refusal("status_list_encoding")
    begins, ends = _date(value.get("validFrom")), _date(value.get("validUntil"))
    if not begins - timedelta(minutes=5) <= at < ends:
        raise Refusal("status_list_expired")
    return OpenedList(key.issuer, url, purpose, bitstring.decode_bitstring(encoded))


def open_token_list(token: str, *, keys: KeySet, at: datetime) -> tuple[str, bytes]:
    """Verify a Status List Token: its address and its packed list. Raises `Refusal`."""
    payload, key = jws.open_signed(
        token, keys=keys, purpose="status", typ=TOKEN_TYP, limit=LIMIT, at=at
    )
    value = strict_json.object_of(payload)
    subject, ends, inner = value.get("sub"), value.get("exp"), value.get("status_list")
    if not isinstance(subject, str) or not subject.startswith(f"{key.base_url}/"):
        raise Refusal("status_list_issuer")
    if type(ends) is not int or at.timestamp() >= ends:
        raise Refusal("status_list_expired")
    if not isinstance(inner, dict) or inner.get("bits") != bitstring.TOKEN_BITS:
        raise Refusal("status_list_encoding")
    packed = inner.get("lst")
    if not isinstance(packed, str):
        raise Refusal("status_list_encoding")
    return subject, bitstring.decode_token_list(packed)


def check_status(claims: Claims, lists: Iterable[OpenedList], *, base_url: str) -> list[str]:
    """What the lists say of a genuine credential: `revoked`, `suspended`, or why they cannot tell.

    Both purposes must be covered: an absent list never means "not revoked".
    """
    if claims.status_list is None or claims.status_index is None:
        return ["status_missing"]
    by_url = {found.url: found for found in lists}
    codes = []
    for purpose, code in (("revocation", "revoked"), ("suspension", "suspended")):
        found = by_url.get(vcdm.status_url(base_url, purpose, claims.status_list))
        if found is None:
            codes.append("status_list_unknown")
        elif found.issuer != claims.issuer:
            codes.append("status_list_issuer")
        elif found.purpose != purpose:
            codes.append("status_purpose")
        else:
            try:
                codes += [code] if found.has(claims.status_index) else []
            except Refusal as refusal:
                codes.append(refusal.failure.code)
    return list(dict.fromkeys(codes))


def _date(value: Any) -> datetime:
    try:
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except (TypeError, ValueError):
        raise Refusal("date_malformed") from None
