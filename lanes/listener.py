"""How a request waits for its lane: one listening connection a process, not one poll a request.

PostgreSQL notifies `lanes_assigned` with the ids of each commit. A lost notification or connection
costs time and nothing else: the deadline's own statement finds the decision.
"""

import os
import threading
import time
import uuid

import structlog

from lanes.heartbeat import connect

log = structlog.get_logger(__name__)
CHANNEL = "lanes_assigned"
# How often a request looks for itself while nobody listens for it.
POLL_SECONDS = 0.1


class Listener:
    """Wakes the requests of this process when their arrivals have a lane."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: dict[uuid.UUID, set[threading.Event]] = {}
        self._pid = 0
        self._listening = threading.Event()

    @property
    def waiting(self) -> int:
        """How many requests of this process wait."""
        return len(self._events)

    def register(self, arrival_id: uuid.UUID) -> threading.Event:
        """Begin to listen for an arrival; call before the row can be decided, then `forget`."""
        with self._lock:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                self._events = {}
                self._listening = threading.Event()
                threading.Thread(target=self._run, name="listener", daemon=True).start()
            event = threading.Event()
            self._events.setdefault(arrival_id, set()).add(event)
            return event

    def forget(self, arrival_id: uuid.UUID, event: threading.Event) -> None:
        with self._lock:
            events = self._events.get(arrival_id, set())
            events.discard(event)
            if not events:
                self._events.pop(arrival_id, None)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """True when it is worth looking: notified, or nobody listens. False when time is up."""
        if self._listening.is_set():
            return event.wait(seconds)
        event.wait(min(seconds, POLL_SECONDS))
        return True

    def _run(self) -> None:
        while True:
            try:
                self._listen()
            except Exception as error:
                log.warning("listener_lost", error=repr(error))
            self._listening.clear()
            time.sleep(0.2)

    def _listen(self) -> None:
        with connect() as listening:
            listening.execute(f"LISTEN {CHANNEL}")
            self._listening.set()
            for notice in listening.notifies():
                self._wake(notice.payload)

    def _wake(self, payload: str) -> None:
        for text in payload.split(","):
            with self._lock:
                for event in self._events.get(uuid.UUID(text), ()):
                    event.set()


listener = Listener()
