"""`manage.py bench credentials`: what we add to the bare cryptography. No database, no files."""

import gzip
import random
import uuid
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from trustedtruck.core.bench import Result, busy_seconds, compared
from trustedtruck.credentials.formats import bitstring, data_integrity, strict_json, vcdm
from trustedtruck.credentials.formats import bundle as format_
from trustedtruck.credentials.formats.claims import Draft
from trustedtruck.credentials.keyset import KeySet, VerifyKey, did_web, kid_of, public_jwk
from trustedtruck.credentials.keystore.files import Ed25519Signer, Es256Signer
from trustedtruck.credentials.models import STATUS_LIST_SIZE, Purpose, SigningKey
from trustedtruck.credentials.services.issue import FormatSigner
from trustedtruck.credentials.verify import verify_data_integrity, verify_qr, verify_vc_jwt

BASE = "https://trusted.example"
ISSUER = did_web(BASE)
TRUCKS = STATUS_LIST_SIZE
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
_ES256 = ECDSA(SHA256())


def measure() -> Iterator[Result]:
    """All measurements, one after the other."""
    key = generate_private_key(SECP256R1())
    kid = kid_of(public_jwk(key.public_key()))
    keys = KeySet([_verify_key(kid, key, purpose) for purpose in (Purpose.CREDENTIAL,)])
    row = SigningKey(kid=kid, base_url=BASE)
    yield from _signing(key, FormatSigner(row, Es256Signer(key)), keys)
    yield from _integrity()
    yield from _lists()
    yield from _bundle(key, kid)


def draft(number: int = 0) -> Draft:
    """A truck like any other."""
    tag = f"{number:024X}"
    return Draft(
        public_id=uuid.UUID(int=number),
        kind="truck",
        subject_id=uuid.UUID(int=number),
        subject={
            "unitNumber": "T-1",
            "vin": "1FUJGLDR4PL000000",
            "plateNumber": "NPL81",
            "plateJurisdiction": "TX",
            "tagEpc": tag,
            "carrier": {
                "id": f"urn:uuid:{uuid.UUID(int=1)}",
                "type": "TrustedCarrier",
                "legalName": "Transportes del Norte S.A. de C.V.",
                "scac": "NRTE",
            },
        },
        issued_at=AT,
        valid_from=AT,
        valid_until=AT + timedelta(days=365),
        status_list=0,
        status_index=number % STATUS_LIST_SIZE,
        tag_epc=tag,
        plate_number="NPL81",
        plate_jurisdiction="TX",
    )


def _verify_key(kid: str, key: EllipticCurvePrivateKey, purpose: str) -> VerifyKey:
    return VerifyKey(kid, purpose, "ES256", BASE, key.public_key(), AT - timedelta(days=1))


def _signing(key: EllipticCurvePrivateKey, signer: FormatSigner, keys: KeySet) -> Iterator[Result]:
    made = draft(7)
    qr, token = signer.qr(made), signer.vc_jwt(made)
    public = key.public_key()
    at = AT + timedelta(days=1)
    for name, issue, verify, text in (
        ("QR", signer.qr, verify_qr, qr),
        ("vc+jwt", signer.vc_jwt, verify_vc_jwt, token),
    ):
        message = text.encode()
        signature = key.sign(message, _ES256)
        if not verify(text, at=at, keys=keys).ok:
            raise AssertionError("what is measured must be valid")
        ours, raw = compared(
            lambda issue=issue: issue(made),  # type: ignore[misc]
            lambda message=message: key.sign(message, _ES256),  # type: ignore[misc]
            times=100,
        )
        yield Result(f"issue {name}", 1 / ours, "per second")
        yield Result(f"issue {name} against raw ES256", raw / ours, "of raw", 0.5)
        ours, raw = compared(
            lambda verify=verify, text=text: verify(text, at=at, keys=keys),  # type: ignore[misc]
            lambda s=signature, m=message: public.verify(s, m, _ES256),  # type: ignore[misc]
            times=100,
        )
        yield Result(f"verify {name}, text to verdict", 1 / ours, "per second")
        yield Result(f"verify {name} against raw ES256", raw / ours, "of raw", 0.4)


def _integrity() -> Iterator[Result]:
    key = Ed25519PrivateKey.generate()
    kid = kid_of(public_jwk(key.public_key()))
    keys = KeySet([VerifyKey(kid, Purpose.DATA_INTEGRITY, "Ed25519", BASE, key.public_key(), AT)])
    body, signer = vcdm.credential(draft(), base_url=BASE, issuer=ISSUER), Ed25519Signer(key)

    def secure() -> dict[str, Any]:
        return data_integrity.secure(body, method=f"{ISSUER}#{kid}", created=AT, signer=signer)

    secured = secure()
    yield Result("issue eddsa-jcs-2022", 1 / busy_seconds(secure, 300), "per second")
    spent = busy_seconds(lambda: verify_data_integrity(secured, at=AT, keys=keys), 300)
    yield Result("verify eddsa-jcs-2022", 1 / spent, "per second")


def _lists() -> Iterator[Result]:
    indices = random.Random(1).sample(range(STATUS_LIST_SIZE), STATUS_LIST_SIZE // 100)
    encoded = bitstring.encode_bitstring(indices, STATUS_LIST_SIZE)
    bits = bitstring.decode_bitstring(encoded)
    packed = gzip.compress(bits, 6)
    ours, plain = compared(
        lambda: bitstring.encode_bitstring(indices, STATUS_LIST_SIZE),
        lambda: zlib.compress(bits, 6),
        times=50,
    )
    yield Result("encode a status list, against plain zlib", ours / plain, "times", 3, False)
    ours, plain = compared(
        lambda: bitstring.decode_bitstring(encoded),
        lambda: zlib.decompress(packed, 31),
        times=300,
    )
    yield Result("decode a status list, against plain zlib", ours / plain, "times", 3, False)


def _bundle(key: EllipticCurvePrivateKey, kid: str) -> Iterator[Result]:
    """What one revocation costs with 131,072 trucks, and a look-up at the lane."""
    signer, keys = Es256Signer(key), KeySet([_verify_key(kid, key, Purpose.BUNDLE)])
    shards: list[format_.Shard] = [{} for _ in range(format_.SHARDS)]
    for number in range(TRUCKS):
        tag = f"{number:024X}"
        ends = int(AT.timestamp()) + 31_536_000
        entry = [str(uuid.UUID(int=number)), 0, number, 0, ends, "NPL81", "TX"]
        shards[format_.shard_of(tag)][tag] = entry
    bodies = [format_.encode_shard(shard) for shard in shards]
    digests = [format_.digest(body) for body in bodies]
    revoked = list(range(0, TRUCKS, 100))

    def manifest(seq: int) -> str:
        content = {
            "keys": [format_.key_entry(found) for found in keys.values()],
            "status": {
                "0": [
                    bitstring.encode_bitstring(revoked, STATUS_LIST_SIZE),
                    bitstring.encode_bitstring([], STATUS_LIST_SIZE),
                ]
            },
            "holds": [],
            "shards": digests,
        }
        return format_.sign_manifest(content, seq=seq, at=AT, issuer=ISSUER, kid=kid, signer=signer)

    def revoke(number: int) -> bytes:
        tag = f"{number:024X}"
        place = format_.shard_of(tag)
        entries = strict_json.object_of(bodies[place].encode())
        entries.pop(tag, None)
        bodies[place] = format_.encode_shard(entries)
        digests[place] = format_.digest(bodies[place])
        revoked.append(number)
        return format_.document(manifest(2), {place: bodies[place]}, since=1)

    complete = format_.document(manifest(1), dict(enumerate(bodies)), since=None)
    yield Result("complete bundle of 131,072 trucks", len(complete) / 1e6, "MB")
    spent = busy_seconds(lambda: format_.open_document(complete, keys=keys, at=AT), 1)
    yield Result("verify a complete bundle", spent, "seconds")
    held = format_.open_document(complete, keys=keys, at=AT)
    spent = busy_seconds(lambda: revoke(77), 5)
    yield Result("bundle after one revocation", spent, "seconds", 1, False)
    delta = revoke(77)
    spent = busy_seconds(lambda: format_.open_document(delta, keys=keys, at=AT, held=held), 5)
    yield Result("apply a delta at the lane", spent, "seconds")
    tag = f"{4711:024X}"
    spent = busy_seconds(lambda: held.find(tag), 20_000)
    yield Result("look up a tag in the bundle", spent * 1e6, "microseconds", 10, False)
