"""The sealer: gives committed events their place in the chain, and writes checkpoints.

It works behind the writers and never beside them: an event costs its own insert and nothing more.
One sealer works at a time; a second one waits for its turn.
"""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db import connection, transaction

from trustedtruck.audit import checkpoints
from trustedtruck.audit.chain import CANONICAL, GENESIS, link_hash
from trustedtruck.audit.tail import Tail

log = structlog.get_logger(__name__)
BATCH = 2000
# Ids so far below the newest sealed one can no longer be in an open transaction.
LOOK_BACK = 100_000
PATIENCE_S = 30.0
CHECKPOINT_AFTER_S, CHECKPOINT_AT_LATEST_S = 5.0, 9.0
# Any number: it names the lock that makes the sealer single.
_LOCK = 7_304_961_154
_APPEND = """
INSERT INTO audit_link (position, event_id, hash)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[])
"""


def _execute(sql: str, parameters: list[Any]) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


class Sealer:
    """Holds its place in the stream of events between rounds."""

    def __init__(self) -> None:
        self._tail: Tail | None = None
        self._marked_at = float("-inf")
        self._marked = -1

    def round(self, *, at: datetime) -> int:
        """Seal what was committed since the last round; how many events."""
        sealed = 0
        while True:
            try:
                count = self._batch()
            except Exception:
                self._tail = None  # what it read may not have been committed
                raise
            sealed += count
            if count < BATCH:
                break
        self._checkpoint(at=at)
        return sealed

    def _batch(self) -> int:
        with transaction.atomic():
            if not _my_turn():
                self._tail = None
                return 0
            if self._tail is None:
                self._tail = _tail_from_the_chain()
            return self._append(self._tail.read(_execute, limit=BATCH))

    def _append(self, rows: Sequence[tuple[Any, ...]]) -> int:
        if not rows:
            return 0
        position, link = head()
        links = []
        for row in rows:
            link = link_hash(link, row)
            links.append(link)
        with connection.cursor() as cursor:
            places = list(range(position + 1, position + len(rows) + 1))
            cursor.execute(_APPEND, [places, [row[0] for row in rows], links])
        return len(rows)

    def _checkpoint(self, *, at: datetime) -> None:
        """At once when there is news and the last one is a while ago; when idle, a sign of life."""
        age = time.monotonic() - self._marked_at
        if age < CHECKPOINT_AFTER_S:
            return
        with transaction.atomic():
            if not _my_turn():  # each line holds the hash of the line before: one writer only
                return
            position, link = head()
            if position != self._marked or age >= CHECKPOINT_AT_LATEST_S:
                checkpoints.append(position=position, link=link, at=at)
                self._marked, self._marked_at = position, time.monotonic()


def _my_turn() -> bool:
    """Whether no other sealer is at work; holds until the transaction ends."""
    return bool(_execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])[0][0])


def head() -> tuple[int, bytes]:
    """Position and hash of the last link."""
    rows = _execute("SELECT position, hash FROM audit_link ORDER BY position DESC LIMIT 1", [])
    return (rows[0][0], bytes(rows[0][1])) if rows else (0, GENESIS)


def _tail_from_the_chain() -> Tail:
    """Where an earlier sealer stopped, with the gaps that it may have left open."""
    newest = _execute("SELECT coalesce(max(event_id), 0) FROM audit_link", [])[0][0]
    start = max(0, newest - LOOK_BACK)
    tail = Tail(CANONICAL, top=start, patience_s=PATIENCE_S)
    known = _execute(
        "SELECT event_id FROM audit_link WHERE event_id > %s ORDER BY event_id", [start]
    )
    horizon = _execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint", [])[0][0]
    now = time.monotonic()
    for (event_id,) in known:
        tail.note(event_id, horizon, now)
    return tail
