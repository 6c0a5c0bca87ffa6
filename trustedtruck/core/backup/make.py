"""A backup of an installation while it works.

What belongs together is taken in an order that holds together: checkpoints before the database,
so that none signs a link that the copy lacks; files and keys before and after it, so that none is
missing that a row of the copy names. Files and keys never change once they are written.
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyrage

from trustedtruck.core.backup import archive, database
from trustedtruck.core.backup.database import Server
from trustedtruck.core.embedded.errors import EmbeddedError
from trustedtruck.core.embedded.home import Home

# Secrets that an operator may give by the environment; the home does not have them then.
GIVEN = ("SECRET_KEY", "KEYSTORE_PASSPHRASE", "FIELD_ENCRYPTION_KEYS", "PKCS11_PIN")


@dataclass(frozen=True)
class Made:
    """`missing` names secrets that the operator gives by the environment and must keep himself."""

    path: Path
    sha256: str
    size: int
    encrypted: bool
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Places:
    """Where the installation keeps what is no row of the database."""

    keys: Path
    media: Path


def make_backup(
    *,
    home: Home,
    server: Server,
    places: Places,
    target: Path,
    closed_to: Sequence[pyrage.x25519.Recipient],
    given: Mapping[str, str],
    with_base: bool,
    at: datetime,
) -> Made:
    """Write the backup to `target`, a file that does not exist. Raises EmbeddedError.

    `with_base`: the server's files in place of a dump, to go forward from with its archived log.
    """
    if target.exists():
        raise EmbeddedError(f"{target} exists; a backup overwrites none.")
    with _staging(home) as folder:
        _copy(home.checkpoints, folder / "checkpoints")
        for name in ("secrets.json", "demo.json"):
            if (home.root / name).exists():
                shutil.copy2(home.root / name, folder / name)
        _link_new(places.media, folder / "media")
        version = str(server.ask("SHOW server_version"))
        if with_base:
            database.base(server, folder / "base")
        else:
            database.dump(server, folder / "database.dump")
        _link_new(places.media, folder / "media")
        _link_new(places.keys, folder / "keys")
        about = {
            "made_at": at.astimezone(UTC).isoformat(timespec="seconds"),
            "postgresql": version,
            "database": "base" if with_base else "dump",
        }
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            digest = archive.write(folder, target, about=about, closed_to=closed_to)
        except (OSError, pyrage.EncryptError) as error:
            raise EmbeddedError(f"{target} cannot be written ({error}).") from error
    held = home.secrets.read_text() if home.secrets.exists() else ""
    missing = tuple(name for name in GIVEN if given.get(name) and given[name] not in held)
    return Made(target, digest, target.stat().st_size, bool(closed_to), missing)


@contextmanager
def _staging(home: Home) -> Iterator[Path]:
    """On the home's own disk: files are linked there, not copied."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=".backup-", dir=home.root))
    except OSError as error:
        raise EmbeddedError(f"{home.root} cannot be written ({error}).") from error
    try:
        yield folder
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise EmbeddedError(f"The disk of {home.root} is full.") from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    """Files that grow are copied as they are now."""
    _each(source, target, shutil.copy2)


def _link_new(source: Path, target: Path) -> None:
    _each(source, target, _link)


def _each(source: Path, target: Path, take: Callable[[Path, Path], object]) -> None:
    for path in sorted(source.rglob("*")) if source.is_dir() else ():
        inner = path.relative_to(source)
        # What is half written has a hidden name, or lies where scans come in.
        hidden = any(part.startswith(".") or part == "incoming" for part in inner.parts)
        if hidden or not path.is_file() or (target / inner).exists():
            continue
        (target / inner).parent.mkdir(parents=True, exist_ok=True)
        try:
            take(path, target / inner)
        except FileNotFoundError:
            continue  # removed since we looked, and its row before it


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM):
            raise
        shutil.copy2(source, target)
