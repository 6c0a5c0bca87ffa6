"""Whether `migrate` has anything to do, without the second that it takes to find out.

It has nothing to do where it once ended well, and since then neither the migrations on the disk nor
those that the database has recorded have changed. Any doubt means that it runs.
"""

import hashlib
import importlib.util
from collections.abc import Iterable, Iterator
from pathlib import Path

import django
import psycopg

from .environment import write_private

_APPLIED = "SELECT app, name FROM django_migrations ORDER BY app, name"


def state(url: str, apps: Iterable[str]) -> str:
    """Stands for the migrations of these apps and of this database; empty where one is unknown."""
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            applied = connection.execute(_APPLIED).fetchall()
    except psycopg.Error:
        return ""
    known = [django.__version__, *_on_disk(apps), *(f"{app} {name}" for app, name in applied)]
    return hashlib.sha256("\n".join(known).encode()).hexdigest()


def is_as_left(marker: Path, now: str) -> bool:
    """Whether this is the state in which `migrate` left the database."""
    try:
        return bool(now) and marker.read_text() == now
    except OSError:
        return False


def leave(marker: Path, now: str) -> None:
    """`migrate` has ended well, in this state."""
    write_private(marker, now)


def _on_disk(apps: Iterable[str]) -> Iterator[str]:
    for app in apps:
        try:
            spec = importlib.util.find_spec(app)
        except ModuleNotFoundError:  # the name of a configuration, which belongs to Django
            continue
        for place in (spec and spec.submodule_search_locations) or ():
            for file in sorted(Path(place).glob("migrations/*.py")):
                yield f"{app} {file.name} {file.stat().st_size}"
