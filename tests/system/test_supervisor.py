"""`manage.py run` from outside: starts, keeps, restarts, stops, and leaves nothing behind."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.running import (
    PROJECT,
    Running,
    operator_environment,
    processes_of,
    started,
    until,
)

pytestmark = [pytest.mark.installation, pytest.mark.timeout(300)]
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
Make = Callable[..., Running]


@pytest.fixture
def supervisor() -> Iterator[Make]:
    """On a new home: the first start, which makes the database."""
    yield from started([])


@pytest.fixture
def supervisor_again(first_run: Running) -> Iterator[Make]:
    """On a copy of a home that was used before: a start like any other day's."""

    def prepared(make: Make) -> Make:
        def on(home: Path, **more: Any) -> Running:
            if not home.exists():
                shutil.copytree(first_run.home, home)
            return make(home, **more)

        return on

    for make in started([]):
        yield prepared(make)


def _gone(home: Path, seconds: float = 15) -> bool:
    return until(lambda: not processes_of(home), seconds)


def _kill(pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_runs_stops_and_keeps_its_data(tmp_path: Path, supervisor_again: Make) -> None:
    home = tmp_path / "home"
    running = supervisor_again(home).start_and_wait("--no-demo")
    assert running.get("/readyz") == 200
    environment = home / "environment.json"
    assert stat.S_IMODE(environment.stat().st_mode) == 0o600
    with psycopg.connect(json.loads(environment.read_text())["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")

    begun = time.monotonic()
    running.send(signal.SIGINT)
    assert running.wait() == 0
    assert time.monotonic() - begun < 15
    assert "killed" not in running.output
    assert _gone(home, 1), processes_of(home)
    assert not environment.exists()

    again = supervisor_again(home, port=running.port).start_and_wait("--no-demo")
    assert "as it was left" in again.output
    with psycopg.connect(json.loads(environment.read_text())["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_killed_supervisor_leaves_nothing(tmp_path: Path, supervisor_again: Make) -> None:
    home = tmp_path / "home"
    running = supervisor_again(home).start_and_wait("--no-demo")
    assert len(processes_of(home)) > 12
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    assert _gone(home), processes_of(home)
    # The port, the lock and the data are free for the next one.
    supervisor_again(home, port=running.port).start_and_wait("--no-demo")


def test_a_frozen_child_of_a_killed_supervisor_is_killed_too(
    tmp_path: Path, supervisor_again: Make
) -> None:
    home = tmp_path / "home"
    running = supervisor_again(home).start_and_wait("--no-demo")
    for pid in running.find("celery"):
        os.kill(pid, signal.SIGSTOP)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    assert _gone(home), processes_of(home)


def test_asking_twice_kills_what_does_not_listen(tmp_path: Path, supervisor_again: Make) -> None:
    home = tmp_path / "home"
    running = supervisor_again(home).start_and_wait("--no-demo")
    for pid in running.find("-A trustedtruck worker"):
        os.kill(pid, signal.SIGSTOP)
    running.send(signal.SIGINT)

    def only_the_frozen_are_left() -> bool:
        return not any(running.find(name) for name in ("gunicorn", "beat", "manage.py s"))

    assert until(only_the_frozen_are_left, 20), processes_of(home)
    running.send(signal.SIGINT)
    assert running.wait(5) == 0
    assert "stopped, killed: planning, jobs, worker (" in running.output
    assert _gone(home, 1), processes_of(home)


def test_dead_children_come_back(tmp_path: Path, supervisor_again: Make) -> None:
    running = supervisor_again(tmp_path / "home").start_and_wait("--no-demo")
    _kill(running.find("gunicorn"))
    running.wait_for("web runs again")
    _kill(running.find("-A trustedtruck worker"))
    running.wait_for("worker runs again")
    _kill(running.find("valkey-server"))
    running.wait_for("Valkey runs again")
    _kill(running.find("bin/postgres -D"))
    running.wait_for("PostgreSQL runs again")

    def ready() -> bool:
        with suppress(OSError):
            return running.get("/readyz") == 200
        return False

    assert until(ready, 30), running.output
    running.send(signal.SIGTERM)
    assert running.wait() == 0


def test_second_copy_beside_the_first(tmp_path: Path, supervisor_again: Make) -> None:
    first = supervisor_again(tmp_path / "one").start_and_wait("--no-demo")
    second = supervisor_again(tmp_path / "two").start_and_wait("--no-demo")
    second.send(signal.SIGTERM)
    assert second.wait() == 0
    assert first.get("/readyz") == 200


def test_second_supervisor_on_one_home_is_refused(tmp_path: Path, supervisor_again: Make) -> None:
    home = tmp_path / "home"
    first = supervisor_again(home).start_and_wait("--no-demo")
    second = Running(home)
    second.log = tmp_path / "second.out"
    assert second.start("--no-demo").wait() == 1
    assert f"already runs on {home} (process {first.pid})" in second.output
    assert (home / "environment.json").exists()
    assert first.get("/readyz") == 200

    third = supervisor_again(tmp_path / "third", port=first.port).start("--no-demo")
    assert third.wait() == 1
    assert f"Port {first.port} is taken" in third.output
    assert f"PORT={first.port + 1}" in third.output


def test_commands_of_another_terminal_reach_it(tmp_path: Path, supervisor_again: Make) -> None:
    home = tmp_path / "home"
    supervisor_again(home).start_and_wait("--no-demo")
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--check"],
        env=operator_environment(home, 1),
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_servers_of_the_operator_are_used_as_they_are(tmp_path: Path, supervisor: Make) -> None:
    base, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    name = f"given_{os.getpid()}"
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    running = supervisor(
        tmp_path / "home",
        DATABASE_URL=f"{base}/{name}",
        REDIS_URL=os.environ["REDIS_URL"].removesuffix("/0") + "/9",
    ).start_and_wait("--no-demo")
    assert "PostgreSQL" not in running.output
    assert "Valkey" not in running.output
    assert not (tmp_path / "home" / "postgres").exists()
    running.send(signal.SIGTERM)
    assert running.wait() == 0
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_wrong_port_is_named(tmp_path: Path, supervisor: Make) -> None:
    running = supervisor(tmp_path / "home", PORT="99999").start("--no-demo")
    assert running.wait() == 1
    assert "PORT must be a number" in running.output
    assert "Traceback" not in running.output


@root_only
@pytest.mark.parametrize(
    ("mount", "message"),
    [("size=100m", "MB are free on the disk"), ("ro", "cannot be written")],
)
def test_unusable_disk_is_named(tmp_path: Path, supervisor: Make, mount: str, message: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    script = f'mount -t tmpfs -o {mount} tmpfs "$TRUSTEDTRUCK_HOME" && exec "$@"'
    running = supervisor(home).start(
        "--no-demo", before=["unshare", "--mount", "sh", "-c", script, "sh"]
    )
    assert running.wait() == 1
    assert message in running.output
    assert "TRUSTEDTRUCK_HOME" in running.output
    assert "Traceback" not in running.output


def test_demonstration_is_loaded_and_shown(first_run: Running) -> None:
    assert (first_run.home / "demo.json").exists()
    assert "Demonstration log-ins" in first_run.output
