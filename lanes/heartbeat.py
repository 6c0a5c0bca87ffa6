"""Which of our processes are alive, as rows that they renew themselves.

A worker that is frozen or killed stops renewing; readiness and metrics count the fresh rows.
"""

import os
import socket
import threading
import time

import psycopg
import structlog
from django.db import connection

log = structlog.get_logger(__name__)
EVERY_SECONDS = 1.0
FRESH_SECONDS = 5.0

_BEAT = """
INSERT INTO lanes_process (name, kind, seen_at) VALUES (%s, %s, clock_timestamp())
ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at
"""
_PRUNE = "DELETE FROM lanes_process WHERE seen_at < clock_timestamp() - interval '1 hour'"


def connect() -> psycopg.Connection[tuple[object, ...]]:
    """A connection of one's own, outside of the pool, for a thread that lives long."""
    parameters = connection.get_connection_params()
    for ours in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(ours, None)
    return psycopg.connect(**parameters, autocommit=True)


def start(kind: str) -> None:
    """Begin to renew this process's row, in a thread that ends with the process."""
    threading.Thread(target=_run, args=[kind], name="heartbeat", daemon=True).start()


def _run(kind: str) -> None:
    name = f"{kind}:{socket.gethostname()}:{os.getpid()}"
    while True:
        try:
            with connect() as own:
                own.execute(_PRUNE)
                while True:
                    own.execute(_BEAT, [name, kind])
                    time.sleep(EVERY_SECONDS)
        except Exception as error:
            log.warning("heartbeat_missed", error=repr(error))
            time.sleep(EVERY_SECONDS)


def forget_all() -> None:
    """At a start: what an earlier run left behind must not count as alive."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM lanes_process")


def alive() -> dict[str, int]:
    """How many processes of each kind renewed their row lately."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, count(*) FROM lanes_process"
            " WHERE seen_at > clock_timestamp() - %s * interval '1 second' GROUP BY kind",
            [FRESH_SECONDS],
        )
        return dict(cursor.fetchall())
