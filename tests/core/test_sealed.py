"""What identifies a person is sealed, is found all the same, and can be turned to new keys."""

import base64
import json
import os
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from lanes.services import assign
from tests.cast import PORT, TESTER, Cast, make_cast
from tests.lanes.conftest import Gate
from tests.people import SECRET, give_second_factor, make_officer
from trustedtruck.audit.models import Event
from trustedtruck.carriers.models import Driver
from trustedtruck.carriers.names import called, marks_of
from trustedtruck.carriers.services import imports
from trustedtruck.core.sealed import sealed_columns
from trustedtruck.core.sealing import seal, seal_anew, unseal
from trustedtruck.credentials.models import Credential
from trustedtruck.manifests.models import CrewMember, Version


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def new_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def _tables() -> dict[str, str]:
    """All that each table of the database holds, as a thief would read it."""
    with connection.cursor() as cursor:
        found = {}
        for name in connection.introspection.table_names(cursor):
            table = connection.ops.quote_name(name)
            cursor.execute(f"SELECT string_agg(to_jsonb(x)::text, ' ') FROM {table} x")
            found[name] = str(cursor.fetchone()[0])
    return found


DRIVERS = """Nombres,Apellidos,Fecha de nacimiento,Nacionalidad
Rosa,Prueba,1980-05-17,MX
"""


def test_nobodys_name_or_birth_date_can_be_read_in_the_database(cast: Cast) -> None:
    """A driver enrolled, filed, decided, and another time on a file that waits to be confirmed."""
    Gate(cast.key).arrive(cast.arrival(), prefer="respond-async")
    assign.assign_waiting(port_code=PORT, limit=64, lease_ms=400)
    imports.upload(
        carrier=cast.norte,
        kind="drivers",
        file_name="drivers.csv",
        content=DRIVERS.encode(),
        by=TESTER,
        at=timezone.now(),
    )
    found = _tables()
    assert str(cast.rosa.fast_card) in found["carriers_driver"]
    assert str(cast.rosa.fast_card) not in found["audit_event"]  # which is never purged
    assert "gAAAA" in found["carriers_importjob"]
    encoded = base64.urlsafe_b64encode(b'"givenNames":"Rosa"').decode()[4:-4]
    for secret in ("Rosa", "ROSA", "Prueba", "PRUEBA", "1980-05-17", "GARZA LUNA", encoded):
        assert [name for name, text in found.items() if secret in text] == [], secret


def test_the_product_reads_what_it_sealed(cast: Cast) -> None:
    rosa = Driver.objects.get(pk=cast.rosa.pk)
    assert (str(rosa), rosa.birth_date.isoformat()) == ("Rosa Prueba", "1980-05-17")
    assert CrewMember.objects.get().family_names == "GARZA LUNA"
    document = Version.objects.get().document
    assert document is not None
    assert "GARZA LUNA" in json.dumps(document)
    assert Credential.objects.filter(driver=rosa).get().vc_jwt.count(".") == 2


def test_the_database_is_never_asked_to_compare_what_is_sealed(cast: Cast) -> None:
    questions: list[dict[str, Any]] = [{"given_names": "Rosa"}, {"birth_date__lt": "2000-01-01"}]
    for question in questions:
        with pytest.raises(FieldError, match="sealed"):
            Driver.objects.filter(**question)
    present: dict[str, Any] = {"given_names__isnull": False}
    assert Driver.objects.filter(**present).count() == 3


@pytest.mark.parametrize(
    "asked", ["Rosa", "rosa prueba", "PRUEBA ROSA", "Ros", "Rossa", "Rosq", "Pruba", "Prueva rosa"]
)
def test_a_name_is_found_as_written_and_with_one_letter_wrong(cast: Cast, asked: str) -> None:
    found = [str(driver) for driver in Driver.objects.filter(called(asked))]
    assert "Rosa Prueba" in found


@pytest.mark.parametrize("asked", ["", "R", "Rxxa", "Rosa Garza", "%", "Prbea"])
def test_another_name_is_not_found(cast: Cast, asked: str) -> None:
    assert not Driver.objects.filter(called(asked)).filter(pk=cast.rosa.pk).exists()


def test_accents_do_not_matter() -> None:
    driver = Driver(given_names="José", family_names="Núñez")
    marks = Driver._meta.get_field("name_marks").pre_save(driver, True)
    assert marks_of("NUNEZ") <= set(marks)


def test_the_marks_say_nothing_without_the_key(settings: Any) -> None:
    mine = marks_of("ROSA")
    settings.SECRET_KEY = "another"
    assert not mine & marks_of("ROSA")


def test_keys_are_turned_and_the_old_one_can_go(cast: Cast, settings: Any) -> None:
    """Old key, both keys, turned, new key only: at every step all can be read."""
    old, new = new_key(), new_key()
    settings.FIELD_ENCRYPTION_KEYS = [old, *settings.FIELD_ENCRYPTION_KEYS]
    call_command("rotate_keys")
    officer = make_officer("Olga")
    give_second_factor(officer)
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    with pytest.raises(SystemExit):
        call_command("rotate_keys", "--check")
    assert Driver.objects.get(pk=cast.rosa.pk).given_names == "Rosa"
    call_command("rotate_keys", "--json")
    call_command("rotate_keys", "--check")
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert Driver.objects.get(pk=cast.rosa.pk).given_names == "Rosa"
    assert Version.objects.get().document is not None
    assert unseal(Authenticator.objects.get(user=officer, type="totp").data["secret"]) == SECRET
    told = Event.objects.filter(action="personal_data.sealed_anew").latest("id")
    assert told.data["count"] > 5
    settings.FIELD_ENCRYPTION_KEYS = [old]
    with pytest.raises(InvalidToken):
        Driver.objects.get(pk=cast.rosa.pk)


def test_what_is_changed_while_keys_are_turned_stays_changed(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rosa marries after her row was read and before it is written."""
    settings.FIELD_ENCRYPTION_KEYS = [new_key(), *settings.FIELD_ENCRYPTION_KEYS]
    other = connections.create_connection("default")

    def seal_slowly(token: str) -> str:
        if unseal(token) == "Rosa" and other.connection is None:
            with other.cursor() as cursor:
                cursor.execute(
                    "UPDATE carriers_driver SET family_names = %s WHERE id = %s",
                    [seal("Casada"), cast.rosa.pk],
                )
        return seal_anew(token)

    monkeypatch.setattr("trustedtruck.accounts.turning.seal_anew", seal_slowly)
    try:
        call_command("rotate_keys")
    finally:
        other.close()
    assert Driver.objects.get(pk=cast.rosa.pk).family_names == "Casada"


def test_turning_says_when_a_key_is_missing(cast: Cast, settings: Any) -> None:
    lost = new_key()
    settings.FIELD_ENCRYPTION_KEYS = [lost, *settings.FIELD_ENCRYPTION_KEYS]
    call_command("rotate_keys")
    settings.FIELD_ENCRYPTION_KEYS = [new_key()]
    with pytest.raises(CommandError, match="not in FIELD_ENCRYPTION_KEYS"):
        call_command("rotate_keys")
    settings.FIELD_ENCRYPTION_KEYS = [lost]
    assert Driver.objects.get(pk=cast.rosa.pk).given_names == "Rosa"


def test_every_sealed_table_is_turned(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("rotate_keys", "--json")
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert {model._meta.db_table for model, _columns in sealed_columns()} < set(rows)
    assert "mfa_authenticator" in rows


def test_nothing_is_sealed_or_marked_under_a_key_that_ends_with_its_process(settings: Any) -> None:
    """It could never be read again, and what is wanted would never be found."""
    settings.SECRET_KEY, settings.SECRET_KEY_GIVEN = "of this process alone", False
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is not set"):
        marks_of("ROSA")
    assert unseal(seal("Rosa")) == "Rosa"  # under FIELD_ENCRYPTION_KEYS
    settings.FIELD_ENCRYPTION_KEYS = []
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is not set"):
        seal("Rosa")


def test_the_same_text_is_another_token_each_time() -> None:
    assert seal("Rosa") != seal("Rosa")
