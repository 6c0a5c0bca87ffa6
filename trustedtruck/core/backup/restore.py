"""An installation again from a backup, in a place where none is."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from trustedtruck.core.backup import archive, database
from trustedtruck.core.backup.database import Server
from trustedtruck.core.embedded.errors import EmbeddedError
from trustedtruck.core.embedded.home import Home, Lock
from trustedtruck.core.embedded.ports import start_on_free_port
from trustedtruck.core.embedded.postgres import DATABASE, USER, Postgres
from trustedtruck.core.embedded.secrets import secrets_of

# Repeating a week's log takes its time.
REPEATED_WITHIN = 4 * 3600.0
# Moved last, because it tells the next start that all of it is there.
_LAST = "secrets.json"


@dataclass(frozen=True)
class Forward:
    """How far to repeat the log that `WAL_ARCHIVE` kept after the backup; to its end without
    `until`."""

    archive: Path
    until: datetime | None


def restore_backup(
    *,
    source: Path,
    home: Home,
    server: Server | None,
    opened_with: Path | None,
    forward: Forward | None = None,
    min_free_mb: int,
) -> dict[str, Any]:
    """Fill the empty `home`, and the empty database at `server` or an embedded one; the manifest.

    Nothing stays where it fails: neither half a home nor half a database. Raises EmbeddedError.
    """
    home.check(min_free_mb)
    lock = Lock(home)
    lock.acquire()
    try:
        _refuse_filled(home)
        with _draft(home) as draft:
            manifest = archive.read(source, draft.root, opened_with=opened_with)
            _fill_database(manifest, draft, server, forward)
            (draft.root / "database.dump").unlink(missing_ok=True)
            for path in sorted(draft.root.iterdir(), key=lambda p: p.name == _LAST):
                path.rename(home.root / path.name)
            return manifest
    finally:
        lock.release()


def _refuse_filled(home: Home) -> None:
    names = (*(archive.PARTS - {"base", "database.dump"}), "postgres")
    held = sorted(name for name in names if _is_filled(home.root / name))
    if held:
        raise EmbeddedError(
            f"{home.root} holds an installation already ({', '.join(held)}). Restore into another"
            " TRUSTEDTRUCK_HOME, or move this one away; nothing was changed."
        )


def _is_filled(path: Path) -> bool:
    return any(path.iterdir()) if path.is_dir() else path.exists()


@contextmanager
def _draft(home: Home) -> Iterator[Home]:
    """A home within the home, so that each part is moved by its name alone."""
    root = home.root / f".restoring-{os.getpid()}"
    root.mkdir(mode=0o700)
    try:
        # Left empty by a start that failed; a directory is moved over none.
        for name in (*archive.PARTS, "postgres"):
            if (home.root / name).is_dir():
                (home.root / name).rmdir()
        yield Home(root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _fill_database(
    manifest: dict[str, Any], draft: Home, server: Server | None, forward: Forward | None
) -> None:
    if manifest["database"] == "dump":
        if forward is not None:
            raise EmbeddedError(
                "This backup holds a dump, and from a dump nothing goes forward: take one made"
                " with --base."
            )
        if server is not None:
            database.load(server, draft.root / "database.dump")
        else:
            with _embedded(draft) as own:
                database.load(own, draft.root / "database.dump")
        return
    if server is not None:
        raise EmbeddedError(
            "This backup holds the files of an embedded server; DATABASE_URL names another."
        )
    (draft.root / "base").rename(draft.postgres)
    if forward is not None:
        database.go_forward(draft.postgres, archive=forward.archive, until=forward.until)
    with _embedded(draft) as own:
        if own.ask("SELECT pg_is_in_recovery()"):
            raise EmbeddedError("PostgreSQL has not reached the end of the log.")
    database.went_forward(draft.postgres)


@contextmanager
def _embedded(home: Home) -> Iterator[Server]:
    """The embedded server on this home's data, for the while of a block."""
    home.logs.mkdir(mode=0o700, exist_ok=True)
    password = secrets_of(home.secrets).postgres_password
    postgres = Postgres(
        home.postgres, log=home.log("postgres"), password=password, ready_within=REPEATED_WITHIN
    )
    start_on_free_port(postgres)
    try:
        yield Server("127.0.0.1", str(postgres.port), USER, password, DATABASE)
    finally:
        postgres.stop()
