"""How a request waits for its lane: one listening connection a process, not one poll a request.

PostgreSQL notifies `lanes_answered` with the answers of each commit, or with the ids alone where a
notification has no room for them; then one query reads the answers of all requests of this process
that wait for any of them. A lost notification or connection costs time and nothing else: the
deadline's own statement finds the decision.
"""

import os
import threading
import time
import uuid
from collections.abc import Mapping

import structlog
from django.db import connection

from lanes import queries
from lanes.heartbeat import connect
from lanes.nudge import nudger
from lanes.queries import Answer

log = structlog.get_logger(__name__)
CHANNEL = "lanes_answered"
# How often a request looks for itself while nobody listens for it.
POLL_SECONDS = 0.1


class Waiter:
    """One request that waits. Once `woken`, `answer` is set, or it must look for itself."""

    def __init__(self) -> None:
        self.woken = threading.Event()
        self.answer: Answer | None = None


class Listener:
    """Wakes the requests of this process when their arrivals have a lane."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiters: dict[uuid.UUID, set[Waiter]] = {}
        self._pid = 0
        self._listening = threading.Event()

    @property
    def waiting(self) -> int:
        """How many requests of this process wait."""
        return len(self._waiters)

    def register(self, arrival_id: uuid.UUID) -> Waiter:
        """Begin to listen for an arrival; call before the row can be decided, then `forget`."""
        with self._lock:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                self._waiters = {}
                self._listening = threading.Event()
                threading.Thread(target=self._run, name="listener", daemon=True).start()
            waiter = Waiter()
            self._waiters.setdefault(arrival_id, set()).add(waiter)
            return waiter

    def forget(self, arrival_id: uuid.UUID, waiter: Waiter) -> None:
        with self._lock:
            waiters = self._waiters.get(arrival_id, set())
            waiters.discard(waiter)
            if not waiters:
                self._waiters.pop(arrival_id, None)

    def wait(self, waiter: Waiter, seconds: float) -> bool:
        """True when it is worth looking: notified, or nobody listens. False when time is up."""
        if self._listening.is_set():
            return waiter.woken.wait(seconds)
        waiter.woken.wait(min(seconds, POLL_SECONDS))
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
                self._wake(queries.told(notice.payload))

    def _wake(self, told: Mapping[uuid.UUID, Answer | None]) -> None:
        with self._lock:
            mine = {one: set(self._waiters[one]) for one in told if one in self._waiters}
        answers = {one: answer for one in mine if (answer := told[one])}
        if untold := mine.keys() - answers.keys():
            try:
                answers |= queries.answers(untold)
            except Exception as error:  # whatever it is: each request looks for itself
                log.warning("answers_not_read", error=repr(error))
            finally:
                connection.close()  # back to the pool
        for arrival_id, waiters in mine.items():
            for waiter in waiters:
                waiter.answer = answers.get(arrival_id)
                waiter.woken.set()
        if answers:
            nudger.decided(mine.keys())


listener = Listener()
