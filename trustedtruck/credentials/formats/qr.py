"""The QR payload: a CWT (RFC 8392) in COSE_Sign1 (RFC 9052), Base45, behind `TT1:`.

Claims: 1 issuer, 4 expiry, 5 not before, 6 issued at, 7 the credential's UUID, 65535 status (Token
Status List), and -70000 `[kind, subject UUID, tag, plate number, plate jurisdiction]`.
"""

import uuid
from datetime import UTC, datetime
from typing import Any

import cbor2

from trustedtruck.credentials.failures import Refusal
from trustedtruck.credentials.formats import base45, cbor
from trustedtruck.credentials.formats.claims import Claims, Draft
from trustedtruck.credentials.keyset import KID_BYTES, KeySet, VerifyKey, b64url
from trustedtruck.credentials.keystore import Signer

PREFIX = "TT1:"
MAX_CHARACTERS = 1_200
KINDS = ("carrier", "driver", "truck", "trailer")
_ALG, _CRIT, _KID, _TYP = 1, 2, 4, 16
_ES256 = -7
_CWT = 61  # CoAP content format of application/cwt, as the typ of RFC 9596
_ISS, _EXP, _NBF, _IAT, _CTI, _STATUS, _TRUCK = 1, 4, 5, 6, 7, 65535, -70000
_SIGNED = b"\x84\x6aSignature1"
LATEST = 253_402_300_799  # the last second that a datetime can hold


def status_uri(base_url: str, number: int) -> str:
    return f"{base_url}/status/tokens/{number}"


class Protected:
    """The protected header, which all QR codes of one key share, as it stands in what is signed
    and in the message."""

    __slots__ = ("message", "signed")

    def __init__(self, kid: bytes) -> None:
        header = cbor.byte_string(cbor2.dumps({_ALG: _ES256, _KID: kid, _TYP: _CWT}))
        self.signed = _SIGNED + header + b"\x40"
        self.message = b"\xd2\x84" + header + b"\xa0"


def encode(
    draft: Draft, *, base_url: str, issuer: str, protected: Protected, signer: Signer
) -> str:
    """The text of the QR code."""
    payload = cbor2.dumps(
        {
            _ISS: issuer,
            _EXP: int(draft.valid_until.timestamp()),
            _NBF: int(draft.valid_from.timestamp()),
            _IAT: int(draft.issued_at.timestamp()),
            _CTI: draft.public_id.bytes,
            _STATUS: {
                "status_list": {
                    "idx": draft.status_index,
                    "uri": status_uri(base_url, draft.status_list),
                }
            },
            _TRUCK: [
                KINDS.index(draft.kind),
                draft.subject_id.bytes,
                bytes.fromhex(draft.tag_epc),
                draft.plate_number,
                draft.plate_jurisdiction,
            ],
        }
    )
    signed = cbor.byte_string(payload)
    signature = cbor.byte_string(signer.sign(protected.signed + signed))
    return PREFIX + base45.encode(protected.message + signed + signature)


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    return _SIGNED + cbor.byte_string(protected) + b"\x40" + cbor.byte_string(payload)


def decode(text: str, *, keys: KeySet, at: datetime) -> Claims:
    """The claims, once form, key and signature hold; dates are the caller's. Raises `Refusal`."""
    if len(text) > MAX_CHARACTERS:
        raise Refusal("oversized")
    if not text.startswith(PREFIX):
        raise Refusal("qr_prefix")
    message = base45.decode(text[len(PREFIX) :])
    if message[:1] != b"\xd2":  # tag 18; no other stands anywhere
        raise Refusal("cose_shape")
    parts = cbor.loads(message[1:])
    if not isinstance(parts, list) or len(parts) != 4:
        raise Refusal("cose_shape")
    protected, unprotected, payload, signature = parts
    if not (
        isinstance(protected, bytes)
        and isinstance(unprotected, dict)
        and isinstance(payload, bytes)
        and isinstance(signature, bytes)
    ):
        raise Refusal("cose_shape")
    if unprotected:
        raise Refusal("cose_unprotected")
    key = _key(protected, keys)
    key.check(signature, _to_be_signed(protected, payload), at=at)
    return _claims(cbor.loads(payload), key)


def _key(protected: bytes, keys: KeySet) -> VerifyKey:
    header = cbor.loads(protected)
    if not isinstance(header, dict):
        raise Refusal("cose_header")
    if _CRIT in header:
        raise Refusal("crit_unknown")
    alg = header.get(_ALG)
    if alg is None:
        raise Refusal("alg_missing")
    if alg != _ES256:
        raise Refusal("alg_unsupported")
    if _TYP not in header:
        raise Refusal("typ_missing")
    if header[_TYP] != _CWT:
        raise Refusal("typ_wrong")
    kid = header.get(_KID)
    if kid is None:
        raise Refusal("kid_missing")
    if not isinstance(kid, bytes) or len(kid) != KID_BYTES:
        raise Refusal("kid_malformed")
    if len(header) > 3:
        raise Refusal("header_unknown")
    return keys.find(b64url(kid), purpose="credential", alg="ES256")


def _claims(payload: Any, key: VerifyKey) -> Claims:
    if not isinstance(payload, dict):
        raise Refusal("claims_shape")
    expected = {_ISS, _EXP, _NBF, _IAT, _CTI, _STATUS, _TRUCK}
    if expected - payload.keys():
        raise Refusal("status_missing" if _STATUS not in payload else "claim_missing")
    if payload.keys() - expected:
        raise Refusal("claim_unknown")
    if payload[_ISS] != key.issuer:
        raise Refusal("issuer_mismatch")
    number, index = read_status(payload[_STATUS], key)
    about = payload[_TRUCK]
    if not isinstance(about, list) or len(about) != 5:
        raise Refusal("claim_type")
    kind, subject, tag, plate, jurisdiction = about
    if type(kind) is not int or not 0 <= kind < len(KINDS):
        raise Refusal("kind_unknown")
    if not isinstance(tag, bytes) or len(tag) not in (0, 12):
        raise Refusal("tag_malformed")
    if not (isinstance(plate, str) and isinstance(jurisdiction, str)):
        raise Refusal("plate_malformed")
    if len(plate) > 10 or len(jurisdiction) > 3:
        raise Refusal("plate_malformed")
    issued_at = _instant(payload[_IAT])
    key.check_issued(issued_at)
    return Claims(
        public_id=_uuid(payload[_CTI]),
        kind=KINDS[kind],
        subject_id=_uuid(subject),
        tag_epc=tag.hex().upper(),
        plate_number=plate,
        plate_jurisdiction=jurisdiction,
        issued_at=issued_at,
        valid_from=_instant(payload[_NBF]),
        valid_until=_instant(payload[_EXP]),
        kid=key.kid,
        issuer=key.issuer,
        status_list=number,
        status_index=index,
    )


def read_status(status: Any, key: VerifyKey) -> tuple[int, int]:
    inner = status.get("status_list") if isinstance(status, dict) and len(status) == 1 else None
    if not isinstance(inner, dict) or inner.keys() != {"idx", "uri"}:
        raise Refusal("status_malformed")
    index, uri = inner["idx"], inner["uri"]
    begin = status_uri(key.base_url, 0)[:-1]
    if type(index) is not int or index < 0 or not isinstance(uri, str):
        raise Refusal("status_malformed")
    number = uri.removeprefix(begin)
    if not uri.startswith(begin) or not (number.isascii() and number.isdigit()) or len(number) > 6:
        raise Refusal("status_malformed")
    return int(number), index


def _uuid(value: Any) -> uuid.UUID:
    if not isinstance(value, bytes) or len(value) != 16:
        raise Refusal("claim_type")
    return uuid.UUID(bytes=value)


def _instant(value: Any) -> datetime:
    if type(value) is not int or not 0 <= value <= LATEST:
        raise Refusal("claim_type")
    return datetime.fromtimestamp(value, UTC)
