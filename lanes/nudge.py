"""Telling the workers that there is work at a port. A nudge carries no truth and may be lost.

Nobody waits for the broker: a thread of the process publishes, and whatever it cannot publish the
sweep makes good. Nudges for one port that pile up while the broker is slow become one.
"""

import os
import threading
import time

import structlog

from trustedtruck.celery import app

log = structlog.get_logger(__name__)
TASK = "lanes.tasks.assign_arrivals"
# So many nudges without a worker's answer, and one a second must do: a broker without workers
# would fill up otherwise.
PATIENCE = 200
PATIENT_INTERVAL_S = 1.0


class Nudger:
    """One publishing thread a process, started at the first nudge: threads survive no fork."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._ports: set[str] = set()
        self._thread: threading.Thread | None = None
        self._pid = 0
        self._unanswered = 0
        self._last_sent = 0.0

    def nudge(self, port_code: str) -> None:
        """Ask for workers at a port; returns at once."""
        with self._condition:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                self._thread = threading.Thread(target=self._run, name="nudger", daemon=True)
                self._thread.start()
            self._ports.add(port_code)
            self._condition.notify()

    def answered(self) -> None:
        """A worker has decided something: nudges arrive."""
        self._unanswered = 0

    def _run(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._ports)
                ports, self._ports = self._ports, set()
            impatient = self._unanswered < PATIENCE
            if not impatient and time.monotonic() - self._last_sent < PATIENT_INTERVAL_S:
                continue
            for port_code in ports:
                self._publish(port_code)

    def _publish(self, port_code: str) -> None:
        self._unanswered += 1
        self._last_sent = time.monotonic()
        try:
            app.send_task(TASK, args=[port_code], queue="lanes", retry=False, ignore_result=True)
        except Exception as error:  # whatever the broker or its client raises: the sweep is there
            log.warning("nudge_failed", port=port_code, error=repr(error))


nudger = Nudger()
