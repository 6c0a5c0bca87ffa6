"""The file of a backup: a tar with a manifest at its end, encrypted with age (age-encryption.org).

The manifest names every file with its SHA-256; without it the tar is not whole. Beside the file
stands its own SHA-256, as `sha256sum --check` reads it.
"""

import hashlib
import io
import json
import os
import tarfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

import pyrage

from trustedtruck.core.embedded.environment import write_private
from trustedtruck.core.embedded.errors import EmbeddedError

MANIFEST = "manifest.json"
FORMAT = 1
_CHUNK = 1024 * 1024
_AGE = b"age-encryption.org/"
# What may stand in a backup, by the first part of its name.
PARTS = {"database.dump", "base", "secrets.json", "demo.json", "keys", "media", "checkpoints"}


def new_identity(path: Path) -> str:
    """Write a new age identity (the key that opens) and give its recipient (the key that closes).

    EmbeddedError when the file exists: it may be the only key of older backups.
    """
    if path.exists():
        raise EmbeddedError(f"{path} exists. It may be what opens your backups: name another file.")
    identity = pyrage.x25519.Identity.generate()
    recipient = str(identity.to_public())
    write_private(path, f"# public key: {recipient}\n{identity}\n")
    return recipient


def recipients(texts: Sequence[str]) -> list[pyrage.x25519.Recipient]:
    """Reads `age1…`. EmbeddedError names a wrong one."""
    found = []
    for text in texts:
        try:
            found.append(pyrage.x25519.Recipient.from_str(text))
        except pyrage.RecipientError as error:
            raise EmbeddedError(
                f"{text!r} is no age recipient (age1…). `manage.py backup --new-identity FILE`"
                " makes one."
            ) from error
    return found


def identities(path: Path) -> list[pyrage.x25519.Identity]:
    """Reads an identity file, as `age-keygen` or `--new-identity` writes it."""
    try:
        lines = path.read_text().splitlines()
        return [
            pyrage.x25519.Identity.from_str(line.strip())
            for line in lines
            if line.startswith("AGE-SECRET-KEY-")
        ]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError) as error:
        raise EmbeddedError(f"{path} is no file of an age identity ({error}).") from error


def write(
    folder: Path,
    target: Path,
    *,
    about: dict[str, Any],
    closed_to: Sequence[pyrage.x25519.Recipient],
) -> str:
    """Put all of `folder` into `target`, whole or not at all; gives the file's SHA-256.

    Nothing unencrypted touches the target's disk where there is a recipient.
    """
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            if closed_to:
                _encrypted(file, closed_to, lambda out: _tar(folder, out, about))
            else:
                _tar(folder, file, about)
            file.flush()
            os.fsync(file.fileno())
        digest = _digest(draft)
        # A link fails where the name exists: no backup is ever overwritten.
        os.link(draft, target)
    except FileExistsError as error:
        raise EmbeddedError(f"{target} exists; a backup overwrites none.") from error
    finally:
        draft.unlink(missing_ok=True)
    write_private(checksum_of(target), f"{digest}  {target.name}\n")
    return digest


def checksum_of(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _encrypted(
    file: IO[bytes],
    closed_to: Sequence[pyrage.x25519.Recipient],
    fill: Callable[[IO[bytes]], None],
) -> None:
    """`fill` writes into a pipe from a thread; what comes out of it is encrypted."""
    read, written = os.pipe()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with os.fdopen(written, "wb") as out:
                fill(out)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        with os.fdopen(read, "rb") as source:
            pyrage.encrypt_io(source, file, list(closed_to))
    finally:
        thread.join()
    if failed:
        raise failed[0]


def _tar(folder: Path, out: IO[bytes], about: dict[str, Any]) -> None:
    files: dict[str, dict[str, Any]] = {}
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_dir():
                tar.add(path, name, recursive=False)
            elif path.is_file():
                files[name] = {"size": path.stat().st_size, "sha256": _digest(path)}
                tar.add(path, name, recursive=False)
        manifest = json.dumps({"format": FORMAT, **about, "files": files}, indent=1).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode = len(manifest), 0o600
        tar.addfile(entry, io.BytesIO(manifest))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(source: Path, folder: Path, *, opened_with: Path | None) -> dict[str, Any]:
    """Take the file apart into `folder` and give its manifest.

    EmbeddedError when the file is not the one that was written, is not whole, or stays closed.
    """
    _check_sum(source)
    try:
        with source.open("rb") as file:
            begins = file.read(len(_AGE))
            file.seek(0)
            if begins == _AGE:
                return _read_encrypted(source, file, folder, opened_with)
            return _untar(file, folder)
    except (OSError, tarfile.TarError, EOFError, ValueError) as error:
        raise EmbeddedError(f"{source} cannot be read as a backup ({error}).") from error


def _check_sum(source: Path) -> None:
    with suppress(FileNotFoundError, IndexError):
        expected = checksum_of(source).read_text().split()[0]
        if _digest(source) != expected:
            raise EmbeddedError(f"{source} is not what {checksum_of(source).name} was made of.")


def _read_encrypted(
    source: Path, file: IO[bytes], folder: Path, opened_with: Path | None
) -> dict[str, Any]:
    if opened_with is None:
        raise EmbeddedError(f"{source} is encrypted: name the identity with --identity FILE.")
    keys = identities(opened_with)
    # To the end before any of it is believed: age says only there that nothing was cut off.
    with _private(folder / "opened.tar") as opened:
        try:
            pyrage.decrypt_io(file, opened, keys)
        except pyrage.DecryptError as error:
            raise EmbeddedError(
                f"{source} does not open with {opened_with}, or is damaged ({error})."
            ) from error
        opened.seek(0)
        return _untar(opened, folder)


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
    finally:
        path.unlink(missing_ok=True)


def _untar(file: IO[bytes], folder: Path) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    manifest: dict[str, Any] = {}
    with tarfile.open(fileobj=file, mode="r|") as tar:
        for entry in tar:
            if entry.isdir():
                _place(entry.name, folder).mkdir(mode=0o700, parents=True, exist_ok=True)
            elif entry.isfile():
                content = cast(IO[bytes], tar.extractfile(entry))
                if entry.name == MANIFEST:
                    manifest = json.load(content)
                else:
                    found[entry.name] = _write_out(content, _place(entry.name, folder))
            else:
                raise EmbeddedError(f"The backup holds {entry.name!r}, which is no file.")
    if not manifest:
        raise EmbeddedError("The backup is not whole: its manifest is missing.")
    if manifest.get("format") != FORMAT:
        raise EmbeddedError("The backup was made by another version, in another form.")
    wrong = sorted(
        name
        for name in {*found, *manifest["files"]}
        if found.get(name) != manifest["files"].get(name)
    )
    if wrong:
        raise EmbeddedError(f"The backup is damaged: {', '.join(wrong[:5])}.")
    return manifest


def _place(name: str, folder: Path) -> Path:
    parts = PurePosixPath(name).parts
    if not parts or parts[0] not in PARTS or ".." in parts:
        raise EmbeddedError(f"The backup holds {name!r}, which belongs to no backup.")
    return folder.joinpath(*parts)


def _write_out(content: IO[bytes], path: Path) -> dict[str, Any]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return {"size": size, "sha256": digest.hexdigest()}
