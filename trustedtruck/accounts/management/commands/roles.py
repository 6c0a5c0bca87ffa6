"""Write docs/roles.md from the table of roles, or check it."""

from django.utils import translation

from trustedtruck.accounts.roles import ROLES, Permission, Scope
from trustedtruck.core.written_page import WrittenPage

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


class Command(WrittenPage):
    help = "Write docs/roles.md from the table of roles; with --check only compare."
    path = "docs/roles.md"

    def page(self) -> str:
        return page()
