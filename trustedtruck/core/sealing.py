"""Texts that the database keeps but must not be able to read: people, second factors, secrets."""

import base64
import hashlib
import hmac
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


@cache
def _keys(given: tuple[str, ...], secret_key: str) -> tuple[Fernet, MultiFernet]:
    """The newest of the given keys, and all of them, the newest first. The key that an installation
    without any begins with is always the last, so that it can go over to keys of its own."""
    if not given:
        _must_last()
    digest = hashlib.sha256(secret_key.encode()).digest()
    first = base64.urlsafe_b64encode(digest).decode()
    fernets = [Fernet(key) for key in (*given, first)]
    return fernets[0], MultiFernet(fernets)


def _fernets() -> tuple[Fernet, MultiFernet]:
    return _keys(tuple(settings.FIELD_ENCRYPTION_KEYS), settings.SECRET_KEY)


def seal(text: str) -> str:
    newest, _all = _fernets()
    return newest.encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises `cryptography.fernet.InvalidToken` when no key of ours sealed it."""
    _newest, every = _fernets()
    return every.decrypt(sealed).decode()


def seal_anew(sealed: str) -> str:
    """The same text under the newest key; the very token when it is under that key already.

    Where there is no secret there is no token: empty stays empty.
    """
    if not sealed:
        return sealed
    newest, every = _fernets()
    try:
        newest.decrypt(sealed)
    except InvalidToken:
        return every.rotate(sealed).decode()
    return sealed


def mark(kind: str, text: str) -> int:
    """A number that stands for a text in an index, and says nothing to whoever lacks the key.

    64 bits, signed as PostgreSQL's bigint. It hangs on `SECRET_KEY`, not on the keys that rotate.
    """
    digest = hmac.digest(_mark_key(kind, settings.SECRET_KEY), text.encode(), "sha256")
    return int.from_bytes(digest[:8], "big", signed=True)


@cache
def _mark_key(kind: str, secret_key: str) -> bytes:
    _must_last()
    return hashlib.sha256(f"mark {kind} {secret_key}".encode()).digest()


def _must_last() -> None:
    """What is sealed or marked under the key of one process can never be read or found again."""
    if not settings.SECRET_KEY_GIVEN:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Give this process the one that all others of the installation"
            " have (docs/howto/deploy.md)."
        )
