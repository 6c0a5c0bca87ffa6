"""Move past arrivals into the archive, and take its months out or put them in again."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lanes.services import archive
from trustedtruck.audit.actors import system


class Command(BaseCommand):
    help = "Move arrivals older than ARCHIVE_AFTER_MONTHS into the archive; beat does so each day."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--list", action="store_true", help="only list the months")
        what.add_argument("--detach", metavar="YYYY-MM", help="take a month out of the archive")
        what.add_argument("--attach", metavar="YYYY-MM", help="put it in again")

    def handle(self, *args: Any, **options: Any) -> None:
        by, at = system("manage"), timezone.now()
        try:
            if options["list"]:
                for month, where in archive.months().items():
                    self.stdout.write(f"{month}  {where}")
            elif options["detach"]:
                taken = archive.Month(options["detach"])
                archive.detach(month=taken, by=by, at=at)
                self.stdout.write(f"{taken.name} is out: the table {taken.table}, and those below")
            elif options["attach"]:
                archive.attach(month=archive.Month(options["attach"]), by=by, at=at)
                self.stdout.write(f"{options['attach']} is in the archive again")
            elif not settings.ARCHIVE_AFTER_MONTHS:
                raise CommandError("nothing moves: ARCHIVE_AFTER_MONTHS is 0")
            else:
                moved = archive.archive_due(by=by, at=at)
                self.stdout.write(f"{moved} arrivals moved into the archive")
        except archive.NoSuchMonth as error:
            raise CommandError(str(error)) from None
