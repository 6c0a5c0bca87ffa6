"""Draw the state diagrams of the docs from the transition tables, or check them."""

from argparse import ArgumentParser
from collections.abc import Iterator
from importlib import import_module, util
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from trustedtruck.core.transitions import Table

PAGE = settings.BASE_DIR / "docs" / "states.md"
HEAD = """# States and their changes

Drawn by `manage.py diagrams` from the tables in each app's `states.py`; a test compares the two.
The name in brackets is who may cause the change.
"""


def tables() -> Iterator[tuple[str, str, Table]]:
    """Every table of the product: its app, its name in the source, itself."""
    for config in apps.get_app_configs():
        if util.find_spec(f"{config.name}.states") is None:
            continue
        module = import_module(f"{config.name}.states")
        for name, value in sorted(vars(module).items()):
            if isinstance(value, Table):
                yield config.label, name, value


def page() -> str:
    parts = [HEAD]
    for app, name, table in tables():
        parts.append(f"\n## {app}: {name.lower()}\n\n```mermaid\n{table.mermaid()}```\n")
        parts.append("\n| change | audit event | tells |\n|---|---|---|\n")
        parts += [f"| {t.name} | `{t.action}` | {t.notify or 'nobody'} |\n" for t in table]
    return "".join(parts)


class Command(BaseCommand):
    help = "Write docs/states.md from the transition tables; with --check only compare."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing, only compare")

    def handle(self, *args: Any, **options: Any) -> None:
        text = page()
        if not options["check"]:
            PAGE.write_text(text, encoding="utf-8")
        elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            raise CommandError("docs/states.md is not what the tables say: run manage.py diagrams")
        self.stdout.write(f"{text.count('```mermaid')} diagrams")
