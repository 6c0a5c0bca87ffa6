"""The random draw: nobody can predict it, nobody can steer it, anyone can recompute it later.

    seed       = SHA-256("trustedtruck shift seed" | port | start | part one | part two)
    commitment = SHA-256(seed)
    draw       = HMAC-SHA256(seed, identity of the truck), its first 53 bits as a number in [0, 1)

The identity is the truck's, not the arrival's: presented again in the same shift, it gets the same
draw. The two parts lie in two places with two keepers: one in the database, encrypted, one in a
file of the keystore. Neither alone says anything about the seed.
"""

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from lanes.rules.facts import Facts
from trustedtruck.core.sealing import unseal

PART_BYTES = 32


class SeedUnavailable(Exception):
    """A part of the seed is missing, cannot be opened or was exchanged: nothing can be drawn."""


def identity(facts: Facts) -> str:
    """Whom the draw is about: the truck where it is known, else its tag, else its plate."""
    if facts.truck is not None:
        return f"truck:{facts.truck.id}"
    if facts.seen.tag_epc:
        return f"tag:{facts.seen.tag_epc}"
    return f"plate:{facts.seen.plate_jurisdiction}:{facts.seen.plate_number}"


def draw(facts: Facts, seed: bytes | None) -> float | None:
    """In [0, 1), the same for the same truck in the same shift; None without a seed."""
    if seed is None:
        return None
    digest = hmac.digest(seed, identity(facts).encode(), "sha256")
    return (int.from_bytes(digest[:8]) >> 11) / 2**53


def combine(port_code: str, starts_at: int, one: bytes, two: bytes) -> bytes:
    """The seed of a shift; `starts_at` in POSIX seconds."""
    message = f"trustedtruck shift seed|{port_code}|{starts_at}|".encode()
    return hashlib.sha256(message + one + two).digest()


def commitment(seed: bytes) -> bytes:
    return hashlib.sha256(seed).digest()


@lru_cache(maxsize=256)
def open_seed(
    port_code: str, starts_at: int, sealed_part: str, part_file: str, committed: str
) -> bytes:
    """The seed out of its two places, as `committed` (its commitment in hexadecimal) says.

    Raises `SeedUnavailable`, also for another seed: whoever exchanges a part must not draw with it.
    """
    try:
        one = bytes.fromhex(unseal(sealed_part))
        two = _cipher(settings.KEYSTORE_PASSPHRASE).decrypt(_path(part_file).read_bytes())
    except (OSError, InvalidToken, ValueError) as error:
        raise SeedUnavailable(type(error).__name__) from None
    seed = combine(port_code, starts_at, one, two)
    if commitment(seed).hex() != committed:
        raise SeedUnavailable("this is not the seed that was committed to")
    return seed


def new_part() -> bytes:
    return secrets.token_bytes(PART_BYTES)


def keep_part(part: bytes) -> str:
    """Put the second part into the keystore; the name of its file. Raises `SeedUnavailable`."""
    name = secrets.token_hex(16)
    path = _path(name)
    content = _cipher(settings.KEYSTORE_PASSPHRASE).encrypt(part)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise SeedUnavailable(type(error).__name__) from None
    return name


def drop_part(name: str) -> None:
    """A part that no shift uses, or whose seed is public."""
    _path(name).unlink(missing_ok=True)


def _path(name: str) -> Path:
    return Path(settings.KEYSTORE_DIR) / "shifts" / name


@lru_cache(maxsize=4)
def _cipher(passphrase: str) -> Fernet:
    if not passphrase:
        raise SeedUnavailable("no passphrase")
    key = hashlib.scrypt(passphrase.encode(), salt=b"lane draws", n=2**14, r=8, p=1, dklen=32)
    return Fernet(urlsafe_b64encode(key))
