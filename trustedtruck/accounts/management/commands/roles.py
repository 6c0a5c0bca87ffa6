"""Write docs/roles.md from the table of roles, or check it."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from trustedtruck.accounts.roles import ROLES, Permission, Scope

PAGE = settings.BASE_DIR / "docs" / "roles.md"
HEAD = """# Roles and what they may do

Written by `manage.py roles` from `trustedtruck/accounts/roles.py`; a test compares the two, and
another one asks every page as every role. An officer's ports bound all that belongs to a port.
"""


def page() -> str:
    """The roles as sentences, the matrix, and the scopes of machines' keys."""
    with translation.override("en"):
        lines = [HEAD]
        lines += [f"- **{role.label}** (`{role}`): {found.text}" for role, found in ROLES.items()]
        lines += ["", "## Matrix", "", "| may | " + " | ".join(str(r.label) for r in ROLES) + " |"]
        lines += ["|---|" + ":-:|" * len(ROLES)]
        lines += [
            f"| {permission.label} | "
            + " | ".join("●" if permission in r.permissions else "" for r in ROLES.values())
            + " |"
            for permission in Permission
        ]
        lines += ["", "## Scopes of machines’ keys", ""]
        lines += [f"- `{scope}`: {scope.label}" for scope in Scope]
        return "\n".join(lines) + "\n"


class Command(BaseCommand):
    help = "Write docs/roles.md from the table of roles; with --check only compare."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing, only compare")

    def handle(self, *args: Any, **options: Any) -> None:
        text = page()
        if not options["check"]:
            PAGE.write_text(text, encoding="utf-8")
        elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            raise CommandError("docs/roles.md is not what the table says: run manage.py roles")
