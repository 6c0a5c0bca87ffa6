"""`manage.py restore`: an installation again from its backup."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from trustedtruck.core.backup.database import Server
from trustedtruck.core.backup.restore import Forward, restore_backup
from trustedtruck.core.embedded.environment import given_environment, home_directory
from trustedtruck.core.embedded.errors import EmbeddedError
from trustedtruck.core.embedded.home import Home
from trustedtruck.core.embedded.stack import min_free_mb
from trustedtruck.core.management.instants import instant


class Command(BaseCommand):
    help = (
        "Fill an empty TRUSTEDTRUCK_HOME (and the empty database of DATABASE_URL, if given) from a"
        " backup. `make run` starts from there."
    )
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="the file of the backup")
        parser.add_argument(
            "--identity", type=Path, metavar="FILE", help="the age identity that opens it"
        )
        parser.add_argument(
            "--wal",
            type=Path,
            metavar="DIRECTORY",
            help="the WAL_ARCHIVE kept since a backup made with --base: go forward with it",
        )
        parser.add_argument(
            "--until",
            type=instant,
            metavar="INSTANT",
            help="how far to go forward (2026-01-31T17:45:00+00:00); default: to the end",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        home, given = Home(home_directory()), given_environment()
        wal, until = options["wal"], options["until"]
        try:
            if until and not wal:
                raise EmbeddedError("--until needs --wal: the log to go forward with.")
            if wal and not wal.is_dir():
                raise EmbeddedError(f"{wal} is no directory.")
            manifest = restore_backup(
                source=options["path"],
                home=home,
                server=Server.of(settings.DATABASES["default"])
                if given.get("DATABASE_URL")
                else None,
                opened_with=options["identity"],
                forward=Forward(wal, until) if wal else None,
                min_free_mb=min_free_mb(given),
            )
        except (EmbeddedError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{home.root} is as it was at {until.isoformat() if until else manifest['made_at']}.\n"
            "Revoke again what was revoked since (docs/runbook.md, “After a restore”); then"
            " `make run`, and `manage.py verify_audit`."
        )
