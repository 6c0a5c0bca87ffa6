"""Pages of the docs that a command writes from the code, and `make check` compares with it."""

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class WrittenPages(BaseCommand):
    """Writes what `pages()` gives below the project's root; `--check` only compares.

    The command fails where a page on disk is not what the code says.
    """

    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing, only compare")

    def handle(self, *args: Any, **options: Any) -> None:
        pages = self.pages()
        stale = [path for path, text in pages.items() if not self._is_written(path, text)]
        if options["check"] and stale:
            command = type(self).__module__.rpartition(".")[2]
            raise CommandError(
                f"not what the code says: {', '.join(stale)}; run manage.py {command}"
            )
        for path in stale:
            place = Path(settings.BASE_DIR) / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(pages[path], encoding="utf-8")
        for path, text in pages.items():
            self.stdout.write(f"{path}: {len(text.splitlines())} lines")

    def pages(self) -> Mapping[str, str]:
        """Each page whole, by its path below the project's root."""
        raise NotImplementedError

    @staticmethod
    def _is_written(path: str, text: str) -> bool:
        place = Path(settings.BASE_DIR) / path
        return place.exists() and place.read_text(encoding="utf-8") == text


class WrittenPage(WrittenPages):
    """A command of one page, `path`."""

    path: ClassVar[str]

    def pages(self) -> Mapping[str, str]:
        return {self.path: self.page()}

    def page(self) -> str:
        """The whole page."""
        raise NotImplementedError
