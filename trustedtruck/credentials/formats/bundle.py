"""The lane bundle: all that a port needs to check trucks without a line, signed as one.

A manifest (JWS) holds sequence, dates, keys, status lists, holds and the digest of each of 256
shards; the shards map tags to credentials. A delta is a newer manifest with the shards that
changed: whether it fits what is held is seen from the digests, so that no gap goes unnoticed.
"""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from trustedtruck.credentials.failures import Failure, Refusal
from trustedtruck.credentials.formats import bitstring, jws, qr, strict_json
from trustedtruck.credentials.formats.claims import Claims, Verdict, date_codes, refused
from trustedtruck.credentials.keyset import KeySet, VerifyKey, b64url, from_jwk, public_jwk
from trustedtruck.credentials.keystore import Signer

TYP = "tt-bundle+jwt"
SHARDS = 256
LIMIT = 4 * 1024 * 1024
# A port that has not heard from headquarters for so long inspects everybody.
LIFE = timedelta(minutes=10)
LEEWAY = timedelta(seconds=60)
# [public id, list, index, valid from, valid until, plate number, plate jurisdiction]
Entry = list[Any]
Shard = dict[str, Entry]


def shard_of(tag_epc: str) -> int:
    return hashlib.sha256(tag_epc.encode()).digest()[0]


def encode_shard(entries: Mapping[str, Entry]) -> str:
    """The text of a shard; its digest is over exactly this."""
    return strict_json.dumps(dict(sorted(entries.items()))).decode()


def digest(body: str) -> str:
    return b64url(hashlib.sha256(body.encode()).digest())


EMPTY = encode_shard({})


def key_entry(key: VerifyKey) -> dict[str, Any]:
    return {
        "kid": key.kid,
        "purpose": key.purpose,
        "alg": key.alg,
        "base_url": key.base_url,
        "jwk": public_jwk(key.key),
        "active_from": int(key.active_from.timestamp()),
        "retired_at": _stamp(key.retired_at),
        "distrusted_at": _stamp(key.distrusted_at),
    }


def read_key(value: Mapping[str, Any]) -> VerifyKey:
    """Raises KeyError, TypeError or ValueError on anything that `key_entry` did not write."""
    return VerifyKey(
        value["kid"],
        value["purpose"],
        value["alg"],
        value["base_url"],
        from_jwk(value["jwk"]),
        datetime.fromtimestamp(value["active_from"], UTC),
        _instant(value["retired_at"]),
        _instant(value["distrusted_at"]),
    )


def pinned_keys(jwks: bytes, base_url: str) -> KeySet:
    """The ES256 keys of a saved JWKS as keys of bundles of this issuer. Raises ValueError."""
    try:
        return KeySet(
            VerifyKey(
                entry["kid"],
                "bundle",
                entry["alg"],
                base_url.rstrip("/"),
                from_jwk(entry),
                datetime.fromtimestamp(0, UTC),
            )
            for entry in strict_json.object_of(jwks)["keys"]
        )
    except (Refusal, KeyError, TypeError):
        raise ValueError("not a JWKS") from None


def sign_manifest(
    content: Mapping[str, Any], *, seq: int, at: datetime, issuer: str, kid: str, signer: Signer
) -> str:
    """`content` has `keys`, `status` (list number -> two encoded lists), `holds`, `shards`."""
    payload = {
        "iss": issuer,
        "seq": seq,
        "iat": int(at.timestamp()),
        "exp": int((at + LIFE).timestamp()),
        **content,
    }
    head = jws.header(typ=TYP, kid=f"{issuer}#{kid}")
    return jws.sign(head, strict_json.dumps(payload), signer)


def document(manifest: str, shards: Mapping[int, str], *, since: int | None) -> bytes:
    """What a port pulls: complete (`since` null) or as a delta."""
    parts = {str(number): body for number, body in sorted(shards.items())}
    return strict_json.dumps({"manifest": manifest, "since": since, "shards": parts})


@dataclass(frozen=True)
class LaneBundle:
    """A verified bundle as a port holds it."""

    seq: int
    issuer: str
    made_at: datetime
    expires_at: datetime
    keys: KeySet
    lists: Mapping[int, tuple[bytes, bytes]]
    holds: frozenset[str]
    shards: Mapping[int, Shard]
    digests: tuple[str, ...]

    def find(self, tag_epc: str) -> Entry | None:
        return self.shards[shard_of(tag_epc)].get(tag_epc)

    def judge(self, tag_epc: str, qr_text: object, *, at: datetime) -> Verdict:
        """May the truck with this tag and QR take the fast lane, as far as credentials go? Anything
        but `ok` means inspection; a stale bundle says no to everybody. Never raises."""
        if at >= self.expires_at:
            return refused("bundle_stale")
        if at < self.made_at - LEEWAY:
            return refused("bundle_from_future")
        if not isinstance(qr_text, str):
            return refused("not_text")
        try:
            claims = qr.decode(qr_text, keys=self.keys, at=at)
            codes = [*date_codes(claims, at), *self._codes(tag_epc, claims)]
        except Refusal as refusal:
            return Verdict(False, (refusal.failure,))
        return Verdict(not codes, tuple(Failure(code) for code in codes), claims)

    def _codes(self, tag_epc: str, claims: Claims) -> list[str]:
        codes = self.status_codes(claims)
        entry = self.find(tag_epc)
        if claims.tag_epc != tag_epc:
            codes.append("tag_mismatch")
        if entry is None:
            codes.append("tag_unknown")
        elif entry[0] != str(claims.public_id) and "revoked" not in codes:
            codes.append("superseded")
        if str(claims.public_id) in self.holds:
            codes.append("held")
        return codes

    def status_codes(self, claims: Claims) -> list[str]:
        """Revoked, suspended, or why that cannot be told. Raises `Refusal` out of range."""
        if claims.status_list is None or claims.status_index is None:
            return ["status_missing"]
        pair = self.lists.get(claims.status_list)
        if pair is None:
            return ["status_list_unknown"]
        return [
            code
            for bits, code in zip(pair, ("revoked", "suspended"), strict=True)
            if bitstring.bitstring_has(bits, claims.status_index)
        ]


def open_document(
    data: bytes, *, keys: KeySet, at: datetime, held: LaneBundle | None = None
) -> LaneBundle:
    """Verify what was pulled and, for a delta, apply it to what is held. Raises `Refusal`.

    `keys` are those that the port was set up with; those of the held bundle count as well, so that
    a new key becomes known before its first use.
    """
    known = KeySet([*keys.values(), *(held.keys.values() if held else [])])
    try:
        value = strict_json.object_of(data)
    except Refusal:
        raise Refusal("bundle_malformed") from None
    token, parts = value.get("manifest"), value.get("shards")
    if not isinstance(token, str) or not isinstance(parts, dict):
        raise Refusal("bundle_malformed")
    try:
        payload, key = jws.open_signed(
            token, keys=known, purpose="bundle", typ=TYP, limit=LIMIT, at=at
        )
    except Refusal as refusal:
        if refusal.failure.code in ("typ_wrong", "typ_missing"):
            raise Refusal("bundle_typ") from None
        raise
    manifest = _manifest(payload, key)
    if at >= manifest.expires_at:
        raise Refusal("bundle_stale")
    if at < manifest.made_at - LEEWAY:
        raise Refusal("bundle_from_future")
    if held is not None and manifest.seq < held.seq:
        raise Refusal("bundle_rolled_back")
    return _with_shards(manifest, parts, held, since=value.get("since"))


def _manifest(payload: bytes, key: VerifyKey) -> LaneBundle:
    value = strict_json.object_of(payload)
    if value.get("iss") != key.issuer:
        raise Refusal("bundle_issuer")
    try:
        digests = tuple(value["shards"])
        if len(digests) != SHARDS or type(value["seq"]) is not int:
            raise Refusal("bundle_malformed")
        return LaneBundle(
            value["seq"],
            key.issuer,
            datetime.fromtimestamp(value["iat"], UTC),
            datetime.fromtimestamp(value["exp"], UTC),
            KeySet(read_key(entry) for entry in value["keys"]),
            {
                int(number): (
                    bitstring.decode_bitstring(pair[0]),
                    bitstring.decode_bitstring(pair[1]),
                )
                for number, pair in value["status"].items()
            },
            frozenset(value["holds"]),
            {},
            digests,
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError):
        raise Refusal("bundle_malformed") from None


def _with_shards(
    manifest: LaneBundle, parts: Mapping[str, Any], held: LaneBundle | None, *, since: Any
) -> LaneBundle:
    shards: dict[int, Shard] = {}
    for number, wanted in enumerate(manifest.digests):
        body = parts.get(str(number))
        if body is None and wanted == _EMPTY_DIGEST:
            shards[number] = {}
        elif isinstance(body, str):
            if digest(body) != wanted:
                raise Refusal("bundle_digest")
            shards[number] = _entries(body)
        elif held is not None and held.digests[number] == wanted:
            shards[number] = held.shards[number]
        else:
            raise Refusal("bundle_gap" if since is not None else "bundle_malformed")
    return LaneBundle(
        manifest.seq,
        manifest.issuer,
        manifest.made_at,
        manifest.expires_at,
        manifest.keys,
        manifest.lists,
        manifest.holds,
        shards,
        manifest.digests,
    )


def _entries(body: str) -> Shard:
    try:
        entries = strict_json.object_of(body.encode())
        for entry in entries.values():
            uuid.UUID(entry[0])
    except (Refusal, TypeError, ValueError, IndexError, KeyError, AttributeError):
        raise Refusal("bundle_malformed") from None
    return entries


def _stamp(value: datetime | None) -> int | None:
    return None if value is None else int(value.timestamp())


def _instant(value: int | None) -> datetime | None:
    return None if value is None else datetime.fromtimestamp(value, UTC)


_EMPTY_DIGEST = digest(EMPTY)
