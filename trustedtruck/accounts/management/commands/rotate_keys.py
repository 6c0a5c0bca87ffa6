"""Seal all personal data and second factors under the newest of `FIELD_ENCRYPTION_KEYS`."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from trustedtruck.accounts.turning import turn_keys, under_older_keys
from trustedtruck.audit.actors import system


class Command(BaseCommand):
    help = (
        "Put a new key first in FIELD_ENCRYPTION_KEYS, restart, run this: all is sealed under it."
        " Take the old key out once --check finds nothing and the running shift is over, whose"
        " part of the seed stays under the old key."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only count; ends with 1 if any")
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["check"]:
                found = under_older_keys()
            else:
                found = turn_keys(by=system("manage"), at=timezone.now())
        except InvalidToken:
            raise CommandError(
                "Something is sealed under a key that is not in FIELD_ENCRYPTION_KEYS."
                " Put that key back and run this again."
            ) from None
        word = "under an older key" if options["check"] else "sealed anew"
        if options["json"]:
            self.stdout.write(json.dumps({"checked": options["check"], "rows": found}))
        else:
            for table, count in found.items():
                self.stdout.write(f"{table:<32} {count:>8} {word}")
        if options["check"] and any(found.values()):
            sys.exit(1)
