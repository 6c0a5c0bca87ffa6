"""One reader of events a process, for all the streams that the process has open.

The reader polls the audit's tail over a connection of its own, makes each message once for each
language, and hands the same bytes to every stream of the port. A stream costs a thread that sleeps.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import starmap
from typing import Any

import psycopg
import structlog
from django.db import close_old_connections, connection

from lanes import queries
from lanes.heartbeat import connect
from lanes.queries import board
from trustedtruck.audit.tail import Execute, Tail
from trustedtruck.console.live import messages
from trustedtruck.console.live.messages import Happened

log = structlog.get_logger(__name__)
# Each poll wakes a thread for each stream, which is most of what boards cost: as rarely as the
# quarter of a second allows in which an arrival must be on a board.
POLL_SECONDS = 0.15
# How often a port's queues are sent at most while something happens, and at least.
LANES_EVERY_SECONDS, LANES_AT_LATEST_SECONDS = 1.0, 5.0
# Counted queues are kept for a second: so long after an event they are sent again.
SETTLED_SECONDS = 2.0
# A stream that is so many batches behind is ended; it comes back and is told what it missed.
FAR_BEHIND = 600
# At a start, ids so far below the newest may still be in an open transaction.
LOOK_BACK = 2000
START_SECONDS = 3.0
# A reader that is so many events behind reads the present state instead.
FAR_AWAY = 50_000

Batch = list[tuple[int, bytes]]


@dataclass(eq=False)
class Subscription:
    """One stream's share: batches of (event id, message); event id 0 is no event."""

    port: str
    language: str
    _batches: deque[Batch] = field(default_factory=deque)
    _condition: threading.Condition = field(default_factory=threading.Condition)
    ended: bool = False

    def put(self, batch: Batch) -> None:
        with self._condition:
            self._batches.append(batch)
            if len(self._batches) > FAR_BEHIND:
                self.ended = True
            self._condition.notify()

    def end(self) -> None:
        with self._condition:
            self.ended = True
            self._condition.notify()

    def take(self, seconds: float) -> Iterable[tuple[int, bytes]]:
        """What has come, after waiting so long at most."""
        with self._condition:
            if not self._batches and not self.ended:
                self._condition.wait(seconds)
            found = [item for batch in self._batches for item in batch]
            self._batches.clear()
            return found


class Hub:
    """The reader of this process; started with its first stream, idle without any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._streams: set[Subscription] = set()
        self._pid = 0
        self._sent_lanes: dict[str, float] = {}
        self._busy_at: dict[str, float] = {}
        self._reading = threading.Event()

    @property
    def open(self) -> int:
        return len(self._streams) if self._pid == os.getpid() else 0

    def subscribe(self, port: str, language: str) -> Subscription:
        """A stream to which everything is handed that commits after this call."""
        mine = Subscription(port, language)
        with self._lock:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                self._streams = set()
                self._reading = threading.Event()
                threading.Thread(target=self._run, name="hub", daemon=True).start()
            self._streams.add(mine)
            self._changed.notify_all()
        if not self._reading.wait(START_SECONDS):
            mine.end()  # it comes back
        return mine

    def unsubscribe(self, stream: Subscription) -> None:
        with self._lock:
            self._streams.discard(stream)

    def _run(self) -> None:
        while True:
            try:
                self._read_on()
            except Exception as error:
                log.warning("hub_lost", error=repr(error))
                connection.close()
                self._reading.clear()
                self.end_all()
                time.sleep(0.5)

    def end_all(self) -> None:
        """Break off every stream of this process; they come back with their places."""
        with self._lock:
            for stream in self._streams:
                stream.end()

    def _read_on(self) -> None:
        with self._lock:
            self._changed.wait_for(lambda: bool(self._streams))
        with connect() as own:
            tail = tail_from_now(own)
            self._reading.set()
            while True:
                with self._lock:
                    ports = {stream.port for stream in self._streams}
                    if not ports:
                        self._reading.clear()
                        return
                events = list(starmap(Happened.of, tail.read_placed(executor(own))))
                ours = [event for event in events if event.is_told and event.port in ports]
                if ours:
                    self._tell(ours, executor(own))
                self._tell_lanes(ports, {event.port for event in ours})
                close_old_connections()
                time.sleep(POLL_SECONDS)

    def _tell(self, events: list[Happened], execute: Execute) -> None:
        arrivals = board.by_id({event.arrival_id for event in events if event.arrival_id}, execute)
        made: dict[tuple[str, str], Batch] = {}
        for stream in self._snapshot():
            key = (stream.port, stream.language)
            if key not in made:
                made[key] = [
                    (event.id, messages.happened(event, arrivals, stream.language))
                    for event in events
                    if event.port == stream.port
                ]
            if made[key]:
                stream.put(made[key])

    def _tell_lanes(self, ports: set[str], busy: set[str]) -> None:
        now, never = time.monotonic(), float("-inf")
        self._busy_at |= dict.fromkeys(busy, now)
        for port in ports:
            age = now - self._sent_lanes.get(port, never)
            unsettled = now - self._busy_at.get(port, never) < SETTLED_SECONDS
            if age > LANES_AT_LATEST_SECONDS or (unsettled and age > LANES_EVERY_SECONDS):
                self._sent_lanes[port] = now
                self._put_lanes(port)

    def _put_lanes(self, port: str) -> None:
        message = messages.lanes(queries.lane_board(port))
        for stream in self._snapshot():
            if stream.port == port:
                stream.put([(0, message)])

    def _snapshot(self) -> list[Subscription]:
        with self._lock:
            return list(self._streams)


def executor(own: psycopg.Connection[tuple[object, ...]]) -> Execute:
    """How a tail asks over this connection."""

    def execute(sql: str, parameters: list[Any]) -> Sequence[tuple[Any, ...]]:
        return own.execute(sql, parameters).fetchall()

    return execute


def tail_from_now(own: psycopg.Connection[tuple[object, ...]]) -> Tail:
    """A tail that has seen all that is committed, with the gaps that may still fill."""
    newest = own.execute("SELECT coalesce(max(id), 0) FROM audit_event").fetchone()
    top: Any = newest[0] if newest else 0
    tail = Tail(messages.COLUMNS, top=max(0, top - LOOK_BACK))
    while tail.read(executor(own)):
        pass
    return tail


def missed(place: str, port: str, language: str) -> Iterator[tuple[int, bytes]]:
    """What happened at a port since `place`; `reset` when that was too long ago to tell."""
    tail = Tail.at(place, messages.COLUMNS)
    if tail is None:
        return
    with connect() as own:
        now = tail_from_now(own)
        if now.top - tail.top > FAR_AWAY:
            yield 0, messages.reset(now.place)
            return
        while found := tail.read_placed(executor(own), limit=500):
            events = [e for e in starmap(Happened.of, found) if e.is_told and e.port == port]
            ids = {e.arrival_id for e in events if e.arrival_id}
            arrivals = board.by_id(ids, executor(own))
            for event in events:
                yield event.id, messages.happened(event, arrivals, language)


def place_now() -> str:
    """The place of this moment, for a page that shows the state and then listens on."""
    with connect() as own:
        return tail_from_now(own).place


hub = Hub()
