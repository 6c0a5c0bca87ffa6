"""The secrets of one installation, made once and kept in its home."""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from .environment import write_private
from .errors import EmbeddedError


@dataclass(frozen=True)
class Secrets:
    """Losing these loses the database's password and every encrypted field."""

    secret_key: str
    postgres_password: str
    valkey_password: str
    keystore_passphrase: str
    field_encryption_key: str


def _new() -> Secrets:
    return Secrets(
        secret_key=secrets.token_urlsafe(48),
        postgres_password=secrets.token_hex(24),
        valkey_password=secrets.token_hex(24),
        keystore_passphrase=secrets.token_urlsafe(32),
        # The form of a Fernet key.
        field_encryption_key=base64.urlsafe_b64encode(os.urandom(32)).decode(),
    )


def secrets_of(path: Path) -> Secrets:
    """Reads the file, or makes it. Raises EmbeddedError when it is there but damaged."""
    if not path.exists():
        made = _new()
        write_private(path, json.dumps(asdict(made), indent=2) + "\n")
        return made
    try:
        values = json.loads(path.read_text())
        return Secrets(**{field.name: str(values[field.name]) for field in fields(Secrets)})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EmbeddedError(
            f"{path} cannot be read ({error!r}). It holds the passwords of the data beside it:"
            " restore it from a backup, or move the whole directory away to start anew."
        ) from error
