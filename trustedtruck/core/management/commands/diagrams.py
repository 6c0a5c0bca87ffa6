"""Draw the state diagrams of the docs from the transition tables, or check them."""

from collections.abc import Iterator
from importlib import import_module, util

from django.apps import apps

from trustedtruck.core.transitions import Table
from trustedtruck.core.written_page import WrittenPage

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


class Command(WrittenPage):
    help = "Write docs/states.md from the transition tables; with --check only compare."
    path = "docs/states.md"

    def page(self) -> str:
        return page()
