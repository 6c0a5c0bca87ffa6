"""`manage.py backup`: the whole installation in one file."""

import os
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from trustedtruck.core.absent_database import nothing_runs
from trustedtruck.core.backup import archive
from trustedtruck.core.backup.database import Server
from trustedtruck.core.backup.make import Made, Places, make_backup
from trustedtruck.core.embedded.environment import given_environment, home_directory
from trustedtruck.core.embedded.errors import EmbeddedError
from trustedtruck.core.embedded.home import Home


class Command(BaseCommand):
    help = (
        "Write the running installation into one file: database, keys, checkpoints, uploaded files."
        " Encrypted for whoever --recipient or BACKUP_RECIPIENTS names."
    )
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path", nargs="?", type=Path, help="a new file, or a directory; default: HOME/backups"
        )
        parser.add_argument(
            "--recipient",
            action="append",
            default=[],
            help="an age recipient (age1…); may stand several times",
        )
        parser.add_argument(
            "--base",
            action="store_true",
            help="the server's files instead of a dump: with WAL_ARCHIVE, any later instant can be"
            " restored from it",
        )
        parser.add_argument(
            "--new-identity",
            type=Path,
            metavar="FILE",
            help="only make a key pair: the identity into FILE, the recipient printed",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["new_identity"]:
                self._new_identity(options["new_identity"])
            else:
                self._report(self._make(**options))
        except EmbeddedError as error:
            raise CommandError(str(error)) from error

    def _make(
        self, *, path: Path | None, recipient: list[str], base: bool, **_options: Any
    ) -> Made:
        home, given, at = Home(home_directory()), given_environment(), datetime.now(UTC)
        if not os.environ.get("DATABASE_URL"):
            raise EmbeddedError(nothing_runs())
        named = recipient or settings.BACKUP_RECIPIENTS
        target = path or home.root / "backups"
        if path is None or target.is_dir():
            ending = ".tar.age" if named else ".tar"
            target = target / f"trustedtruck-{at:%Y%m%dT%H%M%SZ}{ending}"
        return make_backup(
            home=home,
            server=Server.of(settings.DATABASES["default"]),
            places=Places(keys=Path(settings.KEYSTORE_DIR), media=Path(settings.MEDIA_ROOT)),
            target=target.absolute(),
            closed_to=archive.recipients(named),
            given=given,
            with_base=base,
            at=at,
        )

    def _new_identity(self, path: Path) -> None:
        recipient = archive.new_identity(path)
        self.stdout.write(
            f"{path} opens what is encrypted for\n  {recipient}\n"
            "Keep it apart from the backups and from this machine, in two places."
        )

    def _report(self, made: Made) -> None:
        self.stdout.write(f"{made.path} ({made.size / 1_000_000:.1f} MB)\nSHA-256 {made.sha256}")
        if made.path.stat().st_dev == home_directory().stat().st_dev:
            self.stdout.write("On the same disk as the data: carry it elsewhere.")
        if not made.encrypted:
            self.stdout.write(
                self.style.WARNING(
                    "NOT ENCRYPTED: whoever reads this file has the signing keys, with what opens"
                    " them, and all personal data. Name a --recipient, or lock the file away."
                )
            )
        if made.missing:
            self.stdout.write(
                self.style.WARNING(
                    f"Not in it, because the environment gives them: {', '.join(made.missing)}."
                    " Keep them yourself; without them the restored data cannot be read."
                )
            )
        if settings.KEYSTORE != "files":
            self.stdout.write(
                self.style.WARNING("Not in it: the signing keys inside the HSM. Back it up itself.")
            )
