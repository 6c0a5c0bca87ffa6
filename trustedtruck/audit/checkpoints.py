"""Signed checkpoints of the chain, in files outside of the database.

One JSON line each: position and hash of the last link at an instant, and the hash of the line
before, so that the file cannot be thinned out either. Whoever owns the database cannot make such a
line.
"""

import base64
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings

from trustedtruck.audit.keys import key_id, signing_key


@dataclass(frozen=True)
class Checkpoint:
    """`fault` says why the line cannot be believed; empty when it can."""

    file: str
    line: int
    position: int
    hash: bytes
    at: str
    fault: str = ""


def directory() -> Path:
    return Path(settings.HOME) / "checkpoints"


def _signed(body: dict[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def append(*, position: int, link: bytes, at: datetime) -> Checkpoint:
    """Write one checkpoint and bring it to the disk. Called by one sealer at a time."""
    key = signing_key()
    folder = directory()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"audit-{at:%Y-%m-%d}.jsonl"
    body: dict[str, Any] = {
        "position": position,
        "hash": link.hex(),
        "at": at.isoformat(timespec="milliseconds"),
        "key": key_id(key.public_key()),
        "previous": _last_line_hash(),
    }
    body["signature"] = base64.b64encode(key.sign(_signed(body))).decode()
    line = _signed(body) + b"\n"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = b"\n" + line  # after a line that a power cut left half written
        os.write(descriptor, line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return Checkpoint(path.name, 0, position, link, body["at"])


def _files() -> list[Path]:
    return sorted(directory().glob("audit-*.jsonl"))


def _last_line_hash() -> str:
    for path in reversed(_files()):
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4096))
            lines = [line for line in file.read().splitlines() if line.endswith(b"}")]
        if lines:
            return hashlib.sha256(lines[-1]).hexdigest()
    return ""


def read(keys: dict[str, Ed25519PublicKey]) -> Iterator[Checkpoint]:
    """All checkpoints in order, each judged. A half-written line is passed over."""
    previous = ""
    for path in _files():
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            if not line.endswith(b"}"):
                continue
            yield _judge(line, keys, previous, path.name, number)
            previous = hashlib.sha256(line).hexdigest()


def _judge(
    line: bytes, keys: dict[str, Ed25519PublicKey], previous: str, file: str, number: int
) -> Checkpoint:
    try:
        body = json.loads(line)
        signature = base64.b64decode(body.pop("signature"))
        found = Checkpoint(
            file, number, int(body["position"]), bytes.fromhex(body["hash"]), str(body["at"])
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return Checkpoint(file, number, 0, b"", "", "is no checkpoint")
    fault = ""
    try:
        keys[str(body.get("key"))].verify(signature, _signed(body))
    except KeyError:
        fault = "is signed with a key that is not ours"
    except InvalidSignature:
        fault = "has a signature that does not hold"
    if not fault and body.get("previous") != previous:
        fault = "does not follow the line before it"
    return Checkpoint(file, number, found.position, found.hash, found.at, fault)
