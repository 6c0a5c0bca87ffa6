"""The sealer as a process of its own."""

import json
import signal
import time
from argparse import ArgumentParser
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone

from trustedtruck.audit.sealer import Sealer

log = structlog.get_logger(__name__)
EVERY_SECONDS = 0.5


class Command(BaseCommand):
    # They would read every page and its libraries; `manage.py check` is where they belong.
    requires_system_checks = []
    help = "Chain the audit events that were committed, and write signed checkpoints."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then stop")
        parser.add_argument("--json", action="store_true", help="print what the round did")

    def handle(self, *args: Any, **options: Any) -> None:
        sealer = Sealer()
        if options["once"]:
            sealed = sealer.round(at=timezone.now())
            if options["json"]:
                self.stdout.write(json.dumps({"sealed": sealed}))
            return
        self.stopping = False
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        while not self.stopping:
            try:
                sealer.round(at=timezone.now())
            except Exception as error:
                # The database or the disk may be away for a while; what was not sealed waits.
                log.warning("seal_failed", error=repr(error))
                connection.close()
            time.sleep(EVERY_SECONDS)

    def _stop(self, *_signal: object) -> None:
        self.stopping = True
