"""Telling the workers that there is work at a port. A nudge carries no truth and may be lost.

Nobody waits for the broker: a thread of the process publishes, and whatever it cannot publish the
sweep makes good. A nudge costs as much as a decision, so that it is not sent where the last one
will do: a worker takes up all that waits, and looks again after each batch.
"""

import os
import threading
import time
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field

import structlog

from trustedtruck.celery import app

log = structlog.get_logger(__name__)
TASK = "lanes.tasks.assign_arrivals"
# So long a nudge is trusted to bring a worker, and a worker that has decided to look again.
ON_ITS_WAY_S = 0.030
LOOKS_AGAIN_S = 0.010
# So many nudges without a worker's answer, and one a second must do: a broker without workers
# would fill up otherwise.
PATIENCE = 200
PATIENT_INTERVAL_S = 1.0


@dataclass
class _Port:
    """`waiting` came since the last nudge and has no lane yet; at `due` a nudge goes for it.

    Times are monotonic; one that is past means now.
    """

    waiting: set[uuid.UUID | None] = field(default_factory=set)
    due: float = 0.0
    on_its_way_until: float = 0.0


class Nudger:
    """One publishing thread a process, started at the first nudge: threads survive no fork."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._ports: dict[str, _Port] = {}
        self._thread: threading.Thread | None = None
        self._pid = 0
        self._unanswered = 0
        self._last_sent = 0.0

    def nudge(self, port_code: str, arrival_id: uuid.UUID | None = None) -> None:
        """Ask for workers at a port, for this arrival; returns at once."""
        with self._condition:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                self._ports = {}
                self._thread = threading.Thread(target=self._run, name="nudger", daemon=True)
                self._thread.start()
            port = self._ports.setdefault(port_code, _Port())
            port.due = (
                min(port.due, port.on_its_way_until) if port.waiting else (port.on_its_way_until)
            )
            port.waiting.add(arrival_id)
            self._condition.notify()

    def decided(self, port_code: str, arrival_ids: Collection[uuid.UUID]) -> None:
        """These have their lanes: a worker is at the port. It looks again now, for what came while
        it was deciding; what comes from now on asks for one at once.
        """
        with self._condition:
            if port := self._ports.get(port_code):
                port.on_its_way_until = 0.0
                port.waiting.difference_update(arrival_ids)
                port.due = min(port.due, time.monotonic() + LOOKS_AGAIN_S)
                self._condition.notify()

    def answered(self) -> None:
        """A worker has decided something: nudges arrive."""
        self._unanswered = 0

    def _run(self) -> None:
        while True:
            with self._condition:
                while not (ports := self._due()):
                    self._condition.wait(self._next_due())
            impatient = self._unanswered < PATIENCE
            if not impatient and time.monotonic() - self._last_sent < PATIENT_INTERVAL_S:
                continue
            for port_code in ports:
                self._publish(port_code)

    def _due(self) -> list[str]:
        """The ports to nudge for now; what waits there counts as nudged for."""
        now = time.monotonic()
        found = [code for code, port in self._ports.items() if port.waiting and port.due <= now]
        for code in found:
            port = self._ports[code]
            port.waiting.clear()
            port.on_its_way_until = now + ON_ITS_WAY_S
        return found

    def _next_due(self) -> float | None:
        """Seconds; None while nothing waits."""
        due = [port.due for port in self._ports.values() if port.waiting]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _publish(self, port_code: str) -> None:
        self._unanswered += 1
        self._last_sent = time.monotonic()
        try:
            app.send_task(TASK, args=[port_code], queue="lanes", retry=False, ignore_result=True)
        except Exception as error:  # whatever the broker or its client raises: the sweep is there
            log.warning("nudge_failed", port=port_code, error=repr(error))


nudger = Nudger()
