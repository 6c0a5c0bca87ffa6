"""A backup of a working installation, restored where there is nothing."""

import io
import json
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.cast import make_cast
from tests.portal.files import picture
from tests.running import PROJECT, operator_environment
from trustedtruck.audit.sealer import Sealer
from trustedtruck.core.backup import archive
from trustedtruck.core.backup.database import Server, dump
from trustedtruck.core.embedded.errors import EmbeddedError
from trustedtruck.core.embedded.home import Home
from trustedtruck.core.embedded.ports import start_on_free_port
from trustedtruck.core.embedded.postgres import Postgres, for_the_shell
from trustedtruck.core.embedded.secrets import secrets_of

# What an officer would look at first, asked of the restored installation.
LOOK = """
import json
from django.utils import timezone
from trustedtruck.audit.sealer import Sealer
from trustedtruck.carriers.models import Driver
from trustedtruck.credentials.models import Credential
from trustedtruck.credentials.queries.keys import current_keys
from trustedtruck.credentials.services.bundle import build_bundle
from trustedtruck.credentials.verify import verify_any
now, keys = timezone.now(), current_keys()
held = list(Credential.objects.order_by("id"))
print(json.dumps({
    "names": sorted(driver.given_names for driver in Driver.objects.all()),
    "good": sum(verify_any(c.qr, at=now, keys=keys).ok for c in held)
        + sum(verify_any(c.vc_jwt, at=now, keys=keys).ok for c in held),
    "still_signs": build_bundle(at=now) is not None,
}))
Sealer().round(at=now)
"""


@pytest.fixture
def identity(tmp_path: Path) -> tuple[Path, str]:
    path = tmp_path / "identity.txt"
    return path, archive.new_identity(path)


@pytest.fixture
def serve() -> Iterator[Callable[[Path], Postgres]]:
    """Starts PostgreSQL on a home, as `make run` would."""
    started: list[Postgres] = []

    def start(root: Path, **options: Any) -> Postgres:
        home = Home(root)
        home.logs.mkdir(parents=True, exist_ok=True)
        server = Postgres(
            home.postgres,
            log=home.log("postgres"),
            password=secrets_of(home.secrets).postgres_password,
            **options,
        )
        start_on_free_port(server)
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


def command(home: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A command as an operator types it."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env=operator_environment(home, 1, **environment),
        capture_output=True,
        text=True,
    )


def restored_environment(home: Path, server: Postgres) -> dict[str, str]:
    """What `make run` gives its processes."""
    secrets = secrets_of(home / "secrets.json")
    return {
        "DATABASE_URL": server.url,
        "SECRET_KEY": secrets.secret_key,
        "KEYSTORE_PASSPHRASE": secrets.keystore_passphrase,
        "FIELD_ENCRYPTION_KEYS": secrets.field_encryption_key,
    }


@pytest.fixture
def working(transactional_db: None, tmp_path: Path, settings: Any) -> Path:
    """The test's own installation with a cast, a file and a sealed audit; where a backup goes."""
    make_cast()
    settings.MEDIA_ROOT = str(tmp_path / "media")
    scan = tmp_path / "media" / "evidence" / "ab" / "abc"
    scan.parent.mkdir(parents=True)
    scan.write_bytes(picture())
    half = tmp_path / "media" / "scans" / "incoming" / "half"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    settings.HOME = Path(os.environ["TRUSTEDTRUCK_HOME"])
    for old in (settings.HOME / "checkpoints").glob("*"):
        old.unlink()
    Sealer().round(at=timezone.now())
    return tmp_path / "backup.tar.age"


def back_up(target: Path, *arguments: str) -> None:
    call_command("backup", str(target), *arguments)


def test_a_restored_installation_is_the_same(
    working: Path, identity: tuple[Path, str], tmp_path: Path, serve: Callable[..., Postgres]
) -> None:
    back_up(working, "--recipient", identity[1])
    raw = working.read_bytes()
    assert raw.startswith(b"age-encryption.org/")
    assert b"AGE-SECRET-KEY" not in raw
    fresh = tmp_path / "fresh"
    done = command(fresh, "restore", str(working), "--identity", str(identity[0]))
    assert done.returncode == 0, done.stderr
    assert not list(fresh.glob(".*"))

    server = serve(fresh)
    environment = restored_environment(fresh, server)
    asked = command(fresh, "shell", "-v0", "-c", LOOK, **environment)
    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout) == {
        "names": ["Ana", "Luis", "Rosa"],
        "good": 10,
        "still_signs": True,
    }
    # The checkpoint of before and one of the restored installation's own.
    audit = command(fresh, "verify_audit", "--json", **environment)
    verdict = json.loads(audit.stdout)
    assert verdict["ok"], verdict
    assert verdict["sealed"] > 20
    assert verdict["checkpoints"] == 2
    assert (fresh / "media" / "evidence" / "ab" / "abc").read_bytes() == picture()
    assert not (fresh / "media" / "scans").exists(), "half a scan belongs to no row"
    assert command(fresh, "migrate", "--check", **environment).returncode == 0


def test_a_filled_place_is_not_overwritten(working: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.tar"
    back_up(plain)
    filled = tmp_path / "filled"
    (filled / "keys").mkdir(parents=True)
    (filled / "keys" / "mine.pem").write_text("mine")
    done = command(filled, "restore", str(plain))
    assert done.returncode == 1
    assert "holds an installation already (keys)" in done.stderr
    assert {p.name for p in filled.rglob("*")} == {"lock", "keys", "mine.pem"}
    with pytest.raises(CommandError, match="overwrites none"):
        back_up(plain)


def test_a_filled_database_is_not_overwritten(working: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.tar"
    back_up(plain)
    from django.conf import settings

    own = settings.DATABASES["default"]
    url = f"postgres://{own['USER']}:{own['PASSWORD']}@{own['HOST']}:{own['PORT']}/{own['NAME']}"
    done = command(tmp_path / "fresh", "restore", str(plain), DATABASE_URL=url)
    assert done.returncode == 1
    assert "is not empty" in done.stderr
    assert {p.name for p in (tmp_path / "fresh").iterdir()} == {"lock"}


def test_whoever_lacks_the_identity_reads_nothing(
    working: Path, identity: tuple[Path, str], tmp_path: Path
) -> None:
    back_up(working, "--recipient", identity[1])
    other = tmp_path / "other.txt"
    archive.new_identity(other)
    folder = tmp_path / "out"
    folder.mkdir()
    for key, said in [(None, "--identity"), (other, "does not open")]:
        with pytest.raises(EmbeddedError, match=said):
            archive.read(working, folder, opened_with=key)
        assert list(folder.iterdir()) == []


@pytest.mark.parametrize("encrypted", [True, False])
@pytest.mark.parametrize("harm", ["cut", "changed"])
@pytest.mark.parametrize("sum_kept", [True, False])
def test_a_damaged_backup_is_refused(
    identity: tuple[Path, str], tmp_path: Path, encrypted: bool, harm: str, sum_kept: bool
) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    (source / "keys").mkdir(parents=True)
    out.mkdir()
    (source / "keys" / "one.pem").write_bytes(os.urandom(300_000))
    target = tmp_path / "backup"
    closed_to = archive.recipients([identity[1]] if encrypted else [])
    archive.write(source, target, about={"database": "dump"}, closed_to=closed_to)
    whole = target.read_bytes()
    middle = len(whole) // 2
    harmed = whole[:middle] if harm == "cut" else whole[:middle] + b"\0\0" + whole[middle + 2 :]
    target.write_bytes(harmed)
    if not sum_kept:
        archive.checksum_of(target).unlink()
    with pytest.raises(EmbeddedError):
        archive.read(target, out, opened_with=identity[0])


def test_a_manifest_that_is_none_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.tar"
    for text in (b"{", b"\xff"):
        with tarfile.open(bad, "w") as tar:
            entry = tarfile.TarInfo(archive.MANIFEST)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text))
        with pytest.raises(EmbeddedError, match="cannot be read as a backup"):
            archive.read(bad, tmp_path, opened_with=None)


def test_what_is_typed_wrong_is_named(tmp_path: Path) -> None:
    done = command(tmp_path, "restore", "x.tar", "--until", "yesterday")
    assert "not an instant: 'yesterday'" in done.stderr
    done = command(tmp_path, "restore", "x.tar", TRUSTEDTRUCK_MIN_FREE_MB="much")
    assert "TRUSTEDTRUCK_MIN_FREE_MB must be a number" in done.stderr


def test_no_file_of_a_backup_lands_outside_of_it(tmp_path: Path) -> None:
    bad = tmp_path / "bad.tar"
    for name in ("../escaped", "keys/../../escaped", "/etc/escaped", "other/x"):
        with tarfile.open(bad, "w") as tar:
            tar.addfile(tarfile.TarInfo(name))
        with pytest.raises(EmbeddedError, match="belongs to no backup"):
            archive.read(bad, tmp_path, opened_with=None)
    assert not list(tmp_path.rglob("escaped"))


def test_without_a_recipient_it_says_what_lies_open(
    working: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = tmp_path / "plain.tar"
    back_up(plain)
    said = capsys.readouterr().out
    assert "NOT ENCRYPTED" in said
    assert plain.stat().st_mode & 0o077 == 0
    assert archive.checksum_of(plain).read_text().split() == [
        said.split("SHA-256 ")[1].split()[0],
        "plain.tar",
    ]


def test_without_an_installation_it_says_what_to_start(tmp_path: Path) -> None:
    refused = command(tmp_path, "backup", str(tmp_path / "x.tar"))
    assert refused.returncode == 1
    assert f"Nothing runs on {tmp_path}" in refused.stderr
    assert not (tmp_path / "x.tar").exists()


def test_an_identity_is_never_overwritten(identity: tuple[Path, str]) -> None:
    with pytest.raises(CommandError, match="exists"):
        call_command("backup", "--new-identity", str(identity[0]))


def test_an_unreachable_database_is_named(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedError, match=r"none at 127\.0\.0\.1:1 does not answer"):
        dump(Server("127.0.0.1", "1", "tt", "x", "none"), tmp_path / "dump")


def test_any_instant_since_a_base_backup_comes_back(
    tmp_path: Path, serve: Callable[..., Postgres]
) -> None:
    home, log = tmp_path / "home", tmp_path / "wal archive"
    server = serve(home, wal_archive=log, for_tests=True)
    with psycopg.connect(server.url, autocommit=True) as database:
        database.execute("CREATE TABLE truck AS SELECT 1 AS number")
        base = tmp_path / "base.tar"
        made = command(home, "backup", str(base), "--base", DATABASE_URL=server.url)
        assert made.returncode == 0, made.stderr
        database.execute("INSERT INTO truck VALUES (2)")
        time.sleep(0.05)
        row = database.execute("SELECT clock_timestamp()").fetchone()
        assert row
        before_the_mistake: datetime = row[0]
        time.sleep(0.05)
        database.execute("DELETE FROM truck")
        database.execute("SELECT pg_switch_wal()")
    server.stop()
    assert list(log.glob("0*"))

    fresh = tmp_path / "fresh"
    until = before_the_mistake.astimezone(UTC).isoformat()
    done = command(fresh, "restore", str(base), "--wal", str(log), "--until", until)
    assert done.returncode == 0, done.stderr + (home / "logs/postgres.log").read_text()
    with psycopg.connect(serve(fresh).url) as database:
        assert database.execute("SELECT number FROM truck ORDER BY 1").fetchall() == [(1,), (2,)]
        database.execute("INSERT INTO truck VALUES (3)")


@pytest.mark.parametrize("name", ["a'b", 'a"b', "a\\b", "a$b", "a`b", "a\nb"])
def test_a_log_goes_to_no_directory_that_a_shell_would_read_otherwise(name: str) -> None:
    with pytest.raises(EmbeddedError, match="choose a directory without quotes"):
        for_the_shell(Path("/wal", name))
    assert for_the_shell(Path("/wal/100%")) == "/wal/100%%"


def test_going_forward_needs_a_log(tmp_path: Path, serve: Callable[..., Postgres]) -> None:
    home = tmp_path / "home"
    server = serve(home, for_tests=True)
    base = tmp_path / "base.tar"
    refused = command(home, "backup", str(base), "--base", DATABASE_URL=server.url)
    assert refused.returncode == 1
    assert "WAL_ARCHIVE" in refused.stderr
    assert not base.exists()
