"""Texts that the database keeps but must not be able to read: second factors, webhook secrets."""

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def _fernet() -> MultiFernet:
    """The newest key seals; every key of the list opens, so that keys can rotate."""
    keys: list[str] = settings.FIELD_ENCRYPTION_KEYS
    if not keys:
        digest = hashlib.sha256(settings.SECRET_KEY.encode()).digest()
        keys = [base64.urlsafe_b64encode(digest).decode()]
    return MultiFernet([Fernet(key) for key in keys])


def seal(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises `cryptography.fernet.InvalidToken` when no key of ours sealed it."""
    return _fernet().decrypt(sealed.encode()).decode()
