"""Purge personal data that is past its time; beat does the same each day."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from trustedtruck.audit import retention
from trustedtruck.audit.actors import system


class Command(BaseCommand):
    help = "Purge personal data that is past its time, and tell how much of each kind."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--kinds", action="store_true", help="only list the kinds and periods")
        parser.add_argument("--json", action="store_true", help="print as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = retention.kinds()
        done = {}
        if not options["kinds"]:
            done = retention.purge(by=system("manage"), at=timezone.now())
        rows = [
            {"kind": kind.code, "days": kind.days, "text": str(kind.text)}
            | ({"purged": done[kind.code]} if kind.code in done else {})
            for kind in found
        ]
        if options["json"]:
            self.stdout.write(json.dumps({"kinds": rows}))
            return
        for row in rows:
            purged = f"  {row['purged']} purged" if "purged" in row else ""
            self.stdout.write(f"{row['kind']:<12} {row['days']:>5} days{purged}  {row['text']}")
