"""Telling the workers that there is work. A nudge carries no truth and may be lost.

Nobody waits for the broker: a thread of the process publishes, and whatever it cannot publish the
sweep makes good. A nudge costs as much as a decision, so that it is not sent where the last one
will do: a worker takes up all that waits at any port, and looks again after each batch.
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
class _Asked:
    """`waiting` came since the last nudge and has no lane yet; at `due` a nudge goes for it.

    `port_code` is where the first of them is, by which the nudge can be told from others. Times are
    monotonic; one that is past means now.
    """

    waiting: set[uuid.UUID | None] = field(default_factory=set)
    port_code: str = ""
    due: float = 0.0
    on_its_way_until: float = 0.0


class Nudger:
    """One publishing thread a process, started at the first nudge: threads survive no fork."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._asked = _Asked()
        self._thread: threading.Thread | None = None
        self._pid = 0
        self._unanswered = 0
        self._last_sent = 0.0

    def nudge(self, port_code: str, arrival_id: uuid.UUID | None = None) -> None:
        """Ask for workers, for this arrival at this port; returns at once."""
        with self._condition:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                self._asked = _Asked()
                self._thread = threading.Thread(target=self._run, name="nudger", daemon=True)
                self._thread.start()
            asked = self._asked
            if asked.waiting:
                asked.due = min(asked.due, asked.on_its_way_until)
            else:
                asked.due, asked.port_code = asked.on_its_way_until, port_code
            asked.waiting.add(arrival_id)
            self._condition.notify()

    def decided(self, arrival_ids: Collection[uuid.UUID]) -> None:
        """These have their lanes: a worker is there. It looks again now, for what came while it
        was deciding; what comes from now on asks for one at once.
        """
        with self._condition:
            asked = self._asked
            asked.on_its_way_until = 0.0
            asked.waiting.difference_update(arrival_ids)
            asked.due = min(asked.due, time.monotonic() + LOOKS_AGAIN_S)
            self._condition.notify()

    def answered(self) -> None:
        """A worker has decided something: nudges arrive."""
        self._unanswered = 0

    def _run(self) -> None:
        while True:
            with self._condition:
                while not (port_code := self._due()):
                    self._condition.wait(self._next_due())
            impatient = self._unanswered < PATIENCE
            if not impatient and time.monotonic() - self._last_sent < PATIENT_INTERVAL_S:
                continue
            self._publish(port_code)

    def _due(self) -> str:
        """The port to name in a nudge that goes now, empty for none; all that waits is asked for
        by it.
        """
        asked, now = self._asked, time.monotonic()
        if not asked.waiting or asked.due > now:
            return ""
        asked.waiting.clear()
        asked.on_its_way_until = now + ON_ITS_WAY_S
        return asked.port_code

    def _next_due(self) -> float | None:
        """Seconds; None while nothing waits."""
        asked = self._asked
        return max(0.0, asked.due - time.monotonic()) if asked.waiting else None

    def _publish(self, port_code: str) -> None:
        self._unanswered += 1
        self._last_sent = time.monotonic()
        try:
            app.send_task(TASK, args=[port_code], queue="lanes", retry=False, ignore_result=True)
        except Exception as error:  # whatever the broker or its client raises: the sweep is there
            log.warning("nudge_failed", port=port_code, error=repr(error))


nudger = Nudger()
