"""The sweep: a process of its own that needs neither Celery nor beat nor the broker."""

import signal
import time
from argparse import ArgumentParser
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from lanes import heartbeat, queries, reasons
from lanes.models import Assignment
from lanes.nudge import nudger
from lanes.services import assign

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    # They would read every page and its libraries; `manage.py check` is where they belong.
    requires_system_checks = []
    help = "Close arrivals past their deadline with inspection, and nudge for those that wait."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then stop")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stopping = False
        if not options["once"]:
            signal.signal(signal.SIGTERM, self._stop)
            signal.signal(signal.SIGINT, self._stop)
            heartbeat.forget_all()
            heartbeat.start("sweep")
        pause = settings.LANES_SWEEP_MS / 1000
        while not self.stopping:
            try:
                sweep()
            except Exception as error:
                # The database may be away for a while; the sweep is the last thing to give up.
                log.warning("sweep_failed", error=repr(error))
                connection.close()
            if options["once"]:
                break
            time.sleep(pause)

    def _stop(self, *_signal: object) -> None:
        self.stopping = True


def sweep() -> int:
    """One round; how many arrivals were closed."""
    closed = 0
    while late := queries.overdue():
        outcomes = assign.close(late, by=Assignment.By.SWEEP, reason=reasons.DEADLINE_PASSED)
        closed += sum(outcome == "assigned" for outcome in outcomes.values())
        if not any(outcome == "assigned" for outcome in outcomes.values()):
            break
    for port_code in queries.unserved_ports(older_than_ms=settings.LANES_SWEEP_MS):
        nudger.nudge(port_code)
    if closed:
        log.info("swept", closed=closed)
    return closed
