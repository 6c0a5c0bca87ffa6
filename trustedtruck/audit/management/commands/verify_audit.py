"""Find every kind of tampering with the audit."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from trustedtruck.audit.verify import verify


class Command(BaseCommand):
    help = (
        "Recompute the audit's chain and hold it against the signed checkpoints."
        " Ends with 1 when anything was tampered with."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the verdict as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verify()
        if options["json"]:
            self.stdout.write(json.dumps({"ok": verdict.ok, **asdict(verdict)}))
        else:
            self.stdout.write(
                f"{verdict.sealed} events sealed, {verdict.unsealed} not yet sealed,"
                f" {verdict.checkpoints} checkpoints"
                f" (the last at {verdict.last_checkpoint_at or 'no time'})"
            )
            for finding in verdict.findings:
                self.stdout.write(f"  {finding.kind}: {finding.text}")
            self.stdout.write("Nothing was tampered with." if verdict.ok else "TAMPERED WITH.")
        if not verdict.ok:
            sys.exit(1)
