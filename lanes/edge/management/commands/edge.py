"""A port's own installation: keep in touch with headquarters, or say how things stand."""

import json
import signal
import time
from argparse import ArgumentParser
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from lanes.edge import rounds
from lanes.models import HeldBundle, JournalEntry
from trustedtruck.core.fields import instant

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Run a port by itself: fetch its bundle from headquarters, send its journal there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("run", help="go round until it is stopped")
        actions.add_parser("once", help="one round; fails when headquarters was not reached")
        status = actions.add_parser("status", help="the bundle that is held, and the journal")
        status.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "status":
            return self.status(as_json=options["json"])
        for name in ("EDGE_HEADQUARTERS", "EDGE_KEY", "EDGE_PORT", "EDGE_JWKS"):
            if not getattr(settings, name):
                raise CommandError(f"{name} is not set; docs/edge.md says how an edge is set up.")
        try:
            rounds.pinned()
        except (OSError, ValueError) as error:
            raise CommandError(f"{settings.EDGE_JWKS} is not a JWKS: {error}") from None
        if options["action"] == "once":
            if not rounds.go_round(at=timezone.now()):
                raise CommandError("Headquarters was not reached, or not believed; see the log.")
            return None
        return self.run()

    def run(self) -> None:
        self.stopping = False
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        while not self.stopping:
            try:
                rounds.go_round(at=timezone.now())
            except Exception as error:
                # The port decides on from what it holds, whatever went wrong here.
                log.exception("edge_round_failed", error=repr(error))
                connection.close()
            time.sleep(settings.EDGE_EVERY_S)

    def _stop(self, *_signal: object) -> None:
        self.stopping = True

    def status(self, *, as_json: bool) -> None:
        held = HeldBundle.objects.filter(port_code=settings.EDGE_PORT).first()
        found = {
            "port": settings.EDGE_PORT,
            "seq": held.seq if held else None,
            "made_at": instant(held.made_at) if held else None,
            "expires_at": instant(held.expires_at) if held else None,
            "stale": held is None or held.expires_at <= timezone.now(),
            "journal": JournalEntry.objects.filter(refused="").count(),
            "refused": JournalEntry.objects.exclude(refused="").count(),
        }
        if as_json:
            self.stdout.write(json.dumps(found))
        else:
            self.stdout.write("  ".join(f"{name}: {value}" for name, value in found.items()))
