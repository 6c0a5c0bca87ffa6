"""Draw the pictures of the docs from the code, or check them.

States come from the transition tables, the house from the import contract, an arrival's way from
the steps that the lanes name in `lanes/way.py`.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module, util

from django.apps import apps

from trustedtruck.core.pictures import house, way
from trustedtruck.core.transitions import Table
from trustedtruck.core.written_page import WrittenPages

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


def states() -> str:
    """The page of all transition tables."""
    parts = [HEAD]
    for app, name, table in tables():
        parts.append(f"\n## {app}: {name.lower()}\n\n```mermaid\n{table.mermaid()}```\n")
        parts.append("\n| change | audit event | tells |\n|---|---|---|\n")
        parts += [f"| {t.name} | `{t.action}` | {t.notify or 'nobody'} |\n" for t in table]
    return "".join(parts)


class Command(WrittenPages):
    help = "Draw docs/states.md and docs/pictures/ from the code; with --check only compare."

    def pages(self) -> Mapping[str, str]:
        return {
            "docs/states.md": states(),
            "docs/pictures/house.svg": house.picture(),
            "docs/pictures/way.svg": way.picture(),
        }
