"""A page of the docs that a command writes from the code, and `make check` compares with it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class WrittenPage(BaseCommand):
    """Writes `path` (below the project's root) with what `page()` gives; `--check` only compares.

    The command fails where the page on disk is not what the code says.
    """

    path: ClassVar[str]
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing, only compare")

    def handle(self, *args: Any, **options: Any) -> None:
        text = self.page()
        written = Path(settings.BASE_DIR) / self.path
        if not options["check"]:
            written.write_text(text, encoding="utf-8")
        elif not written.exists() or written.read_text(encoding="utf-8") != text:
            command = type(self).__module__.rpartition(".")[2]
            raise CommandError(f"{self.path} is not what the code says: run manage.py {command}")
        self.stdout.write(f"{self.path}: {len(text.splitlines())} lines")

    def page(self) -> str:
        """The whole page."""
        raise NotImplementedError
