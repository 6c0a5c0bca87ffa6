"""When a start may leave `migrate` out: only where nothing has changed since it last ended well."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from trustedtruck.core.embedded.schema import is_as_left, leave, state

APPS = ("trucks", "trucks.admin_config.Tables")


@pytest.fixture
def database() -> Iterator[str]:
    """The address of a database with one migration, in a schema of its own."""
    server, name = os.environ["DATABASE_URL"], f"apart_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as own:
        own.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
        url = f"{server}?options=-csearch_path%3D{name}"
        with psycopg.connect(url) as inside:
            inside.execute("CREATE TABLE django_migrations (app text, name text)")
            inside.execute("INSERT INTO django_migrations VALUES ('trucks', '0001_initial')")
        yield url
        own.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "trucks" / "migrations"
    folder.mkdir(parents=True)
    (tmp_path / "trucks" / "__init__.py").touch()
    (folder / "0001_initial.py").write_text("operations = []\n")
    # Looked for in this test's folder, not where another test has found it.
    monkeypatch.delitem(sys.modules, "trucks", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_nothing_is_left_out_before_migrate_has_ended_well(
    tmp_path: Path, database: str, migrations: Path
) -> None:
    marker = tmp_path / "schema"
    assert not is_as_left(marker, state(database, APPS))
    leave(marker, state(database, APPS))
    assert is_as_left(marker, state(database, APPS))


def test_a_new_migration_on_the_disk_is_seen(
    tmp_path: Path, database: str, migrations: Path
) -> None:
    marker = tmp_path / "schema"
    leave(marker, state(database, APPS))
    (migrations / "0002_next.py").write_text("operations = []\n")
    assert not is_as_left(marker, state(database, APPS))


def test_a_migration_that_the_database_has_not_is_seen(
    tmp_path: Path, database: str, migrations: Path
) -> None:
    marker = tmp_path / "schema"
    leave(marker, state(database, APPS))
    with psycopg.connect(database) as inside:
        inside.execute("DELETE FROM django_migrations")
    assert not is_as_left(marker, state(database, APPS))


def test_a_database_that_cannot_be_asked_is_never_as_it_was_left(
    tmp_path: Path, migrations: Path
) -> None:
    nowhere = "postgres://127.0.0.1:1/trustedtruck"
    marker = tmp_path / "schema"
    leave(marker, state(nowhere, APPS))
    assert not is_as_left(marker, state(nowhere, APPS))
