"""What was found genuine is not checked twice; all that can change is asked each time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from django.utils import timezone

from tests.cast import Cast
from tests.credentials import test_refused_jwt, test_refused_qr
from tests.credentials.forge import truck
from trustedtruck.credentials import genuine, keyset, verify
from trustedtruck.credentials.keyset import KeySet

FORMS = {
    "qr": (genuine.verify_qr, verify.verify_qr, test_refused_qr.CASES),
    "vc_jwt": (genuine.verify_vc_jwt, verify.verify_vc_jwt, test_refused_jwt.CASES),
}


@pytest.fixture(autouse=True)
def _nothing_is_known_yet() -> Iterator[None]:
    genuine.forget()
    yield
    genuine.forget()


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The signatures that were checked."""
    signatures: list[bytes] = []
    check = keyset.check_raw

    def count(key: Any, signature: bytes, message: bytes) -> bool:
        signatures.append(signature)
        return check(key, signature, message)

    monkeypatch.setattr(keyset, "check_raw", count)
    return signatures


@pytest.mark.parametrize("form", FORMS)
def test_the_same_text_is_checked_once_and_gives_the_same_verdict(
    cast: Cast, keys: KeySet, checked: list[bytes], form: str
) -> None:
    known, plain, _cases = FORMS[form]
    text, at = getattr(truck(cast), form), timezone.now()
    verdicts = [known(text, at=at, keys=keys) for _ in range(3)]
    assert len(checked) == 1
    assert verdicts == [plain(text, at=at, keys=keys)] * 3
    assert verdicts[0].ok


@pytest.mark.parametrize("form", FORMS)
def test_nothing_wrong_passes_after_the_right_one(cast: Cast, keys: KeySet, form: str) -> None:
    known, plain, cases = FORMS[form]
    at = timezone.now()
    assert known(getattr(truck(cast), form), at=at, keys=keys).ok
    for name, (_code, make) in cases.items():
        wrong = make(cast)
        # Some of them come with a key of their own.
        now = verify.current_keys()
        for _ in range(2):
            assert known(str(wrong), at=at, keys=now) == plain(str(wrong), at=at, keys=now), name
            assert not known(str(wrong), at=at, keys=now).ok, name


def test_dates_are_asked_each_time(cast: Cast, keys: KeySet) -> None:
    row = truck(cast)
    assert genuine.verify_qr(row.qr, at=timezone.now(), keys=keys).ok
    late = genuine.verify_qr(row.qr, at=row.valid_until, keys=keys)
    assert late.codes == ("expired",)
    assert late.claims.public_id == row.public_id
    early = genuine.verify_qr(row.qr, at=row.valid_from - timedelta(days=1), keys=keys)
    assert early.codes == ("not_yet_valid",)


def test_a_key_that_is_no_longer_trusted_makes_nothing_genuine(cast: Cast, keys: KeySet) -> None:
    row, at = truck(cast), timezone.now()
    key = keys[row.kid]
    later = at + timedelta(hours=1)
    announced = KeySet([replace(key, distrusted_at=later)])
    assert genuine.verify_qr(row.qr, at=at, keys=keys).ok
    assert genuine.verify_qr(row.qr, at=at, keys=announced).ok
    for _ in range(2):
        assert genuine.verify_qr(row.qr, at=later, keys=announced).codes == ("key_distrusted",)
        assert genuine.verify_qr(row.qr, at=at, keys=KeySet([])).codes == ("kid_unknown",)
        retired = KeySet([replace(key, retired_at=row.issued_at - timedelta(days=1))])
        assert genuine.verify_qr(row.qr, at=at, keys=retired).codes == ("key_retired",)
        moved = KeySet([replace(key, base_url="https://elsewhere.example")])
        assert genuine.verify_qr(row.qr, at=at, keys=moved).codes == ("issuer_mismatch",)
        other = KeySet([replace(key, purpose="bundle")])
        assert genuine.verify_qr(row.qr, at=at, keys=other).codes == ("key_purpose",)


def test_another_key_of_the_same_name_is_another_key(
    cast: Cast, keys: KeySet, checked: list[bytes]
) -> None:
    row, at = truck(cast), timezone.now()
    assert genuine.verify_qr(row.qr, at=at, keys=keys).ok
    theirs = generate_private_key(SECP256R1()).public_key()
    swapped = KeySet([replace(keys[row.kid], key=theirs)])
    assert genuine.verify_qr(row.qr, at=at, keys=swapped).codes == ("signature_invalid",)
    assert len(checked) == 2


def test_no_more_is_kept_than_so_many(
    cast: Cast, keys: KeySet, checked: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(genuine, "KEPT", 2)
    at = timezone.now()
    shown = [cast.credentials[name].qr for name in ("truck", "other_truck", "rosa")]
    for text in (*shown, *shown[1:], shown[0]):
        assert genuine.verify_qr(text, at=at, keys=keys).ok
    assert len(checked) == 4  # all three once, and the first again
