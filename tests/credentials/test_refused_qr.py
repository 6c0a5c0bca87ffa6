"""Every way in which a QR code can be wrong is refused with a code of its own."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import cbor2
import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import Cast
from tests.credentials import forge
from tests.credentials.forge import about, drop, qr, qr_bytes, text, truck
from trustedtruck.credentials.failures import TEXTS
from trustedtruck.credentials.formats.jws import unb64url
from trustedtruck.credentials.keyset import KeySet
from trustedtruck.credentials.models import Purpose
from trustedtruck.credentials.queries.keys import all_keys
from trustedtruck.credentials.services.keys import signer_of
from trustedtruck.credentials.verify import verify_qr

Maker = Callable[[Cast], Any]
_DAY = 86_400


def later(days: int) -> Callable[[dict[Any, Any]], None]:
    def edit(claims: dict[Any, Any]) -> None:
        for name in (4, 5, 6):
            claims[name] += days * _DAY

    return edit


CASES: dict[str, tuple[str, Maker]] = {
    "not a text": ("not_text", lambda c: 17),
    "nothing": ("empty", lambda c: ""),
    "far too long": ("oversized", lambda c: truck(c).qr + "A" * 2_000),
    "another's prefix": ("qr_prefix", lambda c: "HC1:" + truck(c).qr[4:]),
    "lower case": ("base45_invalid", lambda c: "TT1:" + truck(c).qr[4:].lower()),
    "an overflow of Base45": ("base45_invalid", lambda c: "TT1:GGW"),
    "cut at the end": ("cbor_length", lambda c: text(qr_bytes(truck(c))[:-9])),
    "something behind": ("cbor_trailing", lambda c: text(qr_bytes(truck(c)) + b"\0")),
    "ends in a head": ("cbor_truncated", lambda c: text(b"\xd2\x81\x58")),
    "a thousand nested lists": ("cbor_depth", lambda c: text(b"\xd2" + b"\x81" * 500 + b"\0")),
    "a bomb of length": (
        "cbor_length",
        lambda c: text(b"\xd2\x9b\xff\xff\xff\xff\xff\xff\xff\xff"),
    ),
    "without a length": ("cbor_indefinite", lambda c: text(b"\xd2\x9f\x01\xff")),
    "a long form": ("cbor_not_shortest", lambda c: text(b"\xd2\x98\x04" + b"\0" * 4)),
    "a float": ("cbor_type", lambda c: text(b"\xd2\x81\xfb" + b"\0" * 8)),
    "a tag inside": ("cbor_type", lambda c: text(b"\xd2\x81\xc2\x41\x01")),
    "broken UTF-8": ("cbor_text", lambda c: text(b"\xd2\x81\x61\xff")),
    "a name twice": ("cbor_key_twice", lambda c: text(b"\xd2\x81\xa2\x01\x02\x01\x02")),
    "not a signed message": ("cose_shape", lambda c: text(b"\xd2\x81\x01")),
    "no tag": ("cose_shape", lambda c: text(qr_bytes(truck(c))[1:])),
    "header not a map": ("cose_header", lambda c: qr(truck(c), raw_header=b"\x01")),
    "an unprotected kid": ("cose_unprotected", lambda c: qr(truck(c), unprotected={4: b"x" * 8})),
    "crit": ("crit_unknown", lambda c: qr(truck(c), header=lambda h: h.update({2: [4]}))),
    "no alg": ("alg_missing", lambda c: qr(truck(c), header=drop(1))),
    "alg HMAC": ("alg_unsupported", lambda c: qr(truck(c), header=lambda h: h.update({1: 5}))),
    "alg EdDSA": ("alg_unsupported", lambda c: qr(truck(c), header=lambda h: h.update({1: -8}))),
    "no typ": ("typ_missing", lambda c: qr(truck(c), header=drop(16))),
    "wrong typ": ("typ_wrong", lambda c: qr(truck(c), header=lambda h: h.update({16: 60}))),
    "no kid": ("kid_missing", lambda c: qr(truck(c), header=drop(4))),
    "kid too short": (
        "kid_malformed",
        lambda c: qr(truck(c), header=lambda h: h.update({4: b"x"})),
    ),
    "kid of nobody": (
        "kid_unknown",
        lambda c: qr(truck(c), header=lambda h: h.update({4: b"12345678"}), by=forge.STRANGER),
    ),
    "header of ours and more": (
        "header_unknown",
        lambda c: qr(truck(c), header=lambda h: h.update({33: b"cert"})),
    ),
    "a stranger's signature": (
        "signature_invalid",
        lambda c: qr(truck(c), by=forge.STRANGER),
    ),
    "an altered byte": ("signature_invalid", lambda c: text(_flip(qr_bytes(truck(c)), 100))),
    "a short signature": ("signature_length", lambda c: text(_short(qr_bytes(truck(c))))),
    "claims not a map": ("claims_shape", lambda c: qr(truck(c), payload=b"\x80")),
    "no expiry": ("claim_missing", lambda c: qr(truck(c), claims=drop(4))),
    "no status": ("status_missing", lambda c: qr(truck(c), claims=drop(65535))),
    "a claim too many": (
        "claim_unknown",
        lambda c: qr(truck(c), claims=lambda v: v.update({8: 1})),
    ),
    "another issuer": (
        "issuer_mismatch",
        lambda c: qr(truck(c), claims=lambda v: v.update({1: "did:web:evil.example"})),
    ),
    "a list of another issuer": (
        "status_malformed",
        lambda c: qr(
            truck(c),
            claims=lambda v: v.update(
                {65535: {"status_list": {"idx": 1, "uri": "https://evil.example/1"}}}
            ),
        ),
    ),
    "expiry as text": ("claim_type", lambda c: qr(truck(c), claims=lambda v: v.update({4: "x"}))),
    "a kind of none": ("kind_unknown", lambda c: qr(truck(c), claims=about(0, 9))),
    "a tag of five bytes": ("tag_malformed", lambda c: qr(truck(c), claims=about(2, b"12345"))),
    "a plate of numbers": ("plate_malformed", lambda c: qr(truck(c), claims=about(3, 5))),
    "a period backwards": (
        "validity_inverted",
        lambda c: qr(truck(c), claims=lambda v: v.update({5: v[4] - 1, 4: v[5] - 1})),
    ),
    "expired": ("expired", lambda c: qr(truck(c), claims=later(-400))),
    "not yet valid": ("not_yet_valid", lambda c: qr(truck(c), claims=later(3))),
    "issued tomorrow": (
        "issued_in_future",
        lambda c: qr(truck(c), claims=lambda v: v.update({6: v[6] + _DAY})),
    ),
}


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _short(data: bytes) -> bytes:
    parts = list(cbor2.loads(data).value)
    parts[3] = parts[3][:-1]
    return b"\xd2" + cbor2.dumps(parts)


@pytest.mark.parametrize("name", CASES)
def test_refused(name: str, cast: Cast, keys: KeySet) -> None:
    code, make = CASES[name]
    verdict = verify_qr(make(cast), at=timezone.now(), keys=keys)
    assert not verdict.ok
    assert code in verdict.codes
    assert all(str(failure.text) for failure in verdict.failures)


def test_a_key_of_another_purpose_is_refused(cast: Cast) -> None:
    key = forge.other_key(Purpose.STATUS)
    forged = qr(truck(cast), header=lambda h: h.update({4: unb64url(key.kid)}), by=signer_of(key))
    assert verify_qr(forged, at=timezone.now(), keys=all_keys()).codes == ("key_purpose",)


def test_dates_alone_leave_the_claims(cast: Cast, keys: KeySet) -> None:
    at = timezone.now() + timedelta(days=400)
    verdict = verify_qr(truck(cast).qr, at=at, keys=keys)
    assert verdict.codes == ("expired",)
    assert verdict.claims.public_id == truck(cast).public_id


@given(data=st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes_get_a_verdict(data: bytes) -> None:
    verdict = verify_qr(text(data), at=timezone.now(), keys=KeySet([]))
    assert not verdict.ok
    assert set(verdict.codes) <= TEXTS.keys()


@given(text=st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_text_gets_a_verdict(text: str) -> None:
    for value in (text, "TT1:" + text):
        assert not verify_qr(value, at=timezone.now(), keys=KeySet([])).ok


@given(at=st.integers(min_value=0), bit=st.integers(0, 7))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_flipped_bit_is_refused(cast: Cast, keys: KeySet, at: int, bit: int) -> None:
    data = bytearray(qr_bytes(truck(cast)))
    data[at % len(data)] ^= 1 << bit
    assert not verify_qr(text(bytes(data)), at=timezone.now(), keys=keys).ok
