"""When no database answers: what that looks like, and what a command says of it."""

from django.conf import settings
from django.db import InterfaceError, OperationalError
from psycopg_pool import PoolTimeout

from trustedtruck.core.embedded.environment import given_environment, home_directory
from trustedtruck.core.embedded.errors import EmbeddedError

UNAVAILABLE = (OperationalError, InterfaceError, PoolTimeout)


def nothing_runs() -> str:
    """For whoever typed a command before `make run`."""
    return (
        f"Nothing runs on {home_directory()}: `make run` first, or name the database with"
        " DATABASE_URL."
    )


def reason_to_end(error: Exception) -> str:
    """Why a command cannot go on, and what to do; empty where the database does answer.

    A lock that was waited for too long is the same kind of `error`: so the database is asked.
    """
    if not isinstance(error, UNAVAILABLE):
        return ""
    # Every web process reads this module for `UNAVAILABLE`, and needs nothing of a backup.
    from trustedtruck.core.backup.database import Server

    try:
        Server.of(settings.DATABASES["default"]).ask("SELECT 1")
    except EmbeddedError as absent:
        given = given_environment().get("DATABASE_URL")
        return f"{absent} DATABASE_URL names it." if given else nothing_runs()
    return ""
