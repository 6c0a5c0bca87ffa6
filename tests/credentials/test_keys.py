"""Signing keys: made once, rotated ahead, retired, distrusted; in files and in an HSM."""

import os
import shutil
import stat
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from tests.cast import TESTER, Cast
from trustedtruck.audit.models import Event
from trustedtruck.core.errors import Refused
from trustedtruck.credentials import services
from trustedtruck.credentials.formats.jws import unb64url
from trustedtruck.credentials.keyset import check_raw, from_jwk, kid_of, public_jwk, thumbprint
from trustedtruck.credentials.keystore import KeyUnavailable, open_store, pkcs11
from trustedtruck.credentials.keystore.files import FileStore
from trustedtruck.credentials.models import Credential, Purpose, SigningKey
from trustedtruck.credentials.queries.keys import all_keys, current_keys
from trustedtruck.credentials.services.keys import distrust, ensure_key, retire, rotate, signer_of
from trustedtruck.credentials.verify import verify_qr, verify_vc_jwt

SOFTHSM = next(
    (
        path
        for path in ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so")
        if Path(path).exists()
    ),
    "",
)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_first_key() -> None:
    made: list[str] = []

    def make() -> None:
        try:
            made.append(ensure_key(Purpose.BUNDLE, by=TESTER, at=timezone.now()).kid)
        finally:
            connection.close()

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len(set(made)) == 1
    assert SigningKey.objects.filter(purpose=Purpose.BUNDLE).count() == 1


def test_purposes_have_keys_of_their_own(db: None) -> None:
    kids = {ensure_key(purpose, by=TESTER, at=timezone.now()).kid for purpose in Purpose}
    assert len(kids) == len(Purpose)


def test_a_new_key_is_published_before_it_signs(cast: Cast) -> None:
    at, old = timezone.now(), cast.credentials["truck"].kid
    new = rotate(Purpose.CREDENTIAL, by=TESTER, at=at)
    assert new.kid in current_keys()
    with pytest.raises(Refused, match="key_rotation_under_way"):
        rotate(Purpose.CREDENTIAL, by=TESTER, at=at)
    soon, then = at + timedelta(minutes=14), at + timedelta(minutes=16)
    assert services.renew(credential=cast.credentials["rosa"], by=TESTER, at=soon).kid == old
    assert services.renew(credential=cast.credentials["luis"], by=TESTER, at=then).kid == new.kid


def test_a_retired_key_still_verifies(cast: Cast) -> None:
    at, row = timezone.now(), cast.credentials["truck"]
    with pytest.raises(Refused, match="key_is_the_only_one"):
        retire(kid=row.kid, by=TESTER, at=at)
    rotate(Purpose.CREDENTIAL, by=TESTER, at=at, ahead=timedelta(0))
    retire(kid=row.kid, by=TESTER, at=at)
    assert verify_qr(row.qr, at=at, keys=current_keys()).ok
    assert services.renew(credential=row, by=TESTER, at=at).kid != row.kid


def test_a_distrusted_key_verifies_nothing_and_has_a_successor(cast: Cast) -> None:
    at, row = timezone.now(), cast.credentials["truck"]
    distrust(kid=row.kid, after=at + timedelta(hours=1), by=TESTER, at=at)
    assert verify_qr(row.qr, at=at, keys=current_keys()).ok
    late = verify_qr(row.qr, at=at + timedelta(hours=2), keys=current_keys())
    assert late.codes == ("key_distrusted",)
    assert services.reissue(credential=row, by=TESTER, at=at, reason="key_compromised").kid != (
        row.kid
    )


def test_a_compromised_key_has_all_its_credentials_replaced(cast: Cast, capsys: Any) -> None:
    at, old = timezone.now(), cast.credentials["truck"].kid
    suspended = cast.credentials["luis"]
    services.suspend(credential=suspended, by=TESTER, at=at, reason="stolen")
    ends = cast.credentials["ana"].valid_until
    call_command("keys", "distrust", "--", old)
    call_command("keys", "reissue", "--", old)
    assert "4 credentials" in capsys.readouterr().out
    active = Credential.objects.filter(state="active")
    assert active.count() == 4
    assert not active.filter(kid=old).exists()
    assert active.get(driver=cast.ana).valid_until == ends
    assert verify_qr(active.get(truck=cast.truck).qr, at=timezone.now(), keys=all_keys()).ok


def test_nothing_is_dated_after_the_keys_retirement(cast: Cast) -> None:
    at, row = timezone.now(), cast.credentials["truck"]
    SigningKey.objects.filter(kid=row.kid).update(retired_at=at - timedelta(days=1))
    assert verify_qr(row.qr, at=at, keys=all_keys()).codes == ("key_retired",)
    assert verify_vc_jwt(row.vc_jwt, at=at, keys=all_keys()).codes == ("key_retired",)


def test_private_keys_are_nowhere_in_the_database_or_in_clear(cast: Cast) -> None:
    for key in SigningKey.objects.all():
        assert "d" not in key.public_jwk
        path = Path(settings.KEYSTORE_DIR) / f"{key.kid}.pem"
        assert b"ENCRYPTED PRIVATE KEY" in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for event in Event.objects.filter(subject_kind="signing_key"):
        assert "PRIVATE" not in str(event.data)


def test_a_wrong_passphrase_opens_nothing_and_shows_nothing(tmp_path: Path) -> None:
    kid, public = FileStore(tmp_path, "right").create("ES256")
    message = b"m"
    signature = FileStore(tmp_path, "right").signer(kid, "ES256").sign(message)
    assert check_raw(public, signature, message)
    for store in (FileStore(tmp_path, "wrong"), FileStore(tmp_path / "none", "right")):
        with pytest.raises(KeyUnavailable) as caught:
            store.signer(kid, "ES256")
        assert "wrong" not in repr(caught.value)
        assert caught.value.__cause__ is None
    with pytest.raises(KeyUnavailable):
        FileStore(tmp_path, "").create("ES256")
    with pytest.raises(KeyUnavailable):
        FileStore(tmp_path, "right").signer(kid, "Ed25519")


def test_the_thumbprint_is_that_of_rfc_7638() -> None:
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    # RFC 8037, appendix A.3
    assert thumbprint(jwk) == unb64url("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
    assert public_jwk(from_jwk(jwk)) == jwk
    assert kid_of(jwk) == "kPrK_qmxVWY"


def test_the_command_lists_rotates_and_retires(cast: Cast, capsys: Any) -> None:
    call_command("keys", "list", "--json")
    assert cast.credentials["truck"].kid in capsys.readouterr().out
    call_command("keys", "rotate", "credential", "--ahead", "0")
    call_command("keys", "retire", "--", cast.credentials["truck"].kid)
    call_command("keys", "list")
    out = capsys.readouterr().out
    assert "retired" in out
    call_command("keys", "distrust", "--", cast.credentials["truck"].kid)
    assert all_keys()[cast.credentials["truck"].kid].distrusted_at is not None


@pytest.fixture
def hsm(tmp_path: Path, settings: Any, monkeypatch: Any) -> Iterator[None]:
    tool = shutil.which("softhsm2-util")
    if not (SOFTHSM and tool):
        pytest.skip("SoftHSM is not installed (Debian: softhsm2): no PKCS#11 token to test against")
    pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed")
    (tmp_path / "tokens").mkdir()
    conf = tmp_path / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {tmp_path / 'tokens'}\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(conf))
    subprocess.run(
        [tool, "--init-token", "--free", "--label", "tt", "--pin", "1234", "--so-pin", "4321"],
        check=True,
        capture_output=True,
        env={**os.environ, "SOFTHSM2_CONF": str(conf)},
    )
    settings.KEYSTORE = "pkcs11"
    settings.PKCS11_MODULE, settings.PKCS11_TOKEN, settings.PKCS11_PIN = SOFTHSM, "tt", "1234"
    pkcs11._opened.cache_clear()
    yield
    pkcs11._opened.cache_clear()


@pytest.mark.django_db
def test_an_hsm_signs_credentials(hsm: None) -> None:
    from tests.cast import make_cast

    row = make_cast().credentials["truck"]
    key = SigningKey.objects.get(pk=row.kid)
    assert key.store == "pkcs11"
    assert verify_qr(row.qr, at=timezone.now(), keys=all_keys()).ok
    assert not (Path(settings.KEYSTORE_DIR) / f"{key.kid}.pem").exists()
    edwards = ensure_key(Purpose.DATA_INTEGRITY, by=TESTER, at=timezone.now())
    signature = signer_of(edwards).sign(b"message")
    assert check_raw(from_jwk(edwards.public_jwk), signature, b"message")
    with pytest.raises(KeyUnavailable):
        open_store().signer("AAAAAAAAAAA", "ES256").sign(b"message")
