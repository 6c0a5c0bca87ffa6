"""The environment of the running installation, for commands typed in another terminal."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

FILE = "environment.json"
NAMES = (
    "DATABASE_URL",
    "REDIS_URL",
    "CELERY_BROKER_URL",
    "REDIS_MASTER",
    "SECRET_KEY",
    "KEYSTORE_DIR",
    "KEYSTORE_PASSPHRASE",
    "FIELD_ENCRYPTION_KEYS",
    "MEDIA_ROOT",
    "TRUSTEDTRUCK_HOME",
    "PORT",
    "BASE_URL",
    "DEMO",
    "EDGE_HEADQUARTERS",
    "EDGE_KEY",
    "EDGE_PORT",
    "EDGE_JWKS",
)
# What load_environment filled in here, so that the supervisor can tell a server its operator
# named from one that an earlier, killed supervisor left written down.
_filled: set[str] = set()


def home_directory() -> Path:
    """TRUSTEDTRUCK_HOME, or `var` beside manage.py."""
    default = Path(__file__).resolve().parents[3] / "var"
    return Path(os.environ.get("TRUSTEDTRUCK_HOME") or default).expanduser().resolve()


def load_environment() -> None:
    """Fills os.environ from the running installation, unless a database is named already.

    Never raises: without the file, or with one that cannot be read, nothing changes.
    """
    if os.environ.get("DATABASE_URL"):
        return
    try:
        values = json.loads((home_directory() / FILE).read_text())
    except (OSError, ValueError):
        return
    if not isinstance(values, dict):
        return
    for name in NAMES:
        value = values.get(name)
        if isinstance(value, str) and not os.environ.get(name):
            os.environ[name] = value
            _filled.add(name)


def given_environment() -> dict[str, str]:
    """os.environ as the operator gave it, without what load_environment added."""
    return {name: value for name, value in os.environ.items() if name not in _filled}


def write_environment(home: Path, values: Mapping[str, str]) -> None:
    """Writes the file that load_environment reads; readable by its owner only."""
    chosen = {name: values[name] for name in NAMES if name in values}
    write_private(home / FILE, json.dumps(chosen, indent=2) + "\n")


def write_private(path: Path, text: str) -> None:
    """Writes a file with mode 0600, whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
