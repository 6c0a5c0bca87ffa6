"""Write the reference of the docs from the code, or check it."""

from collections.abc import Mapping
from importlib import import_module, util
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.utils import translation

from trustedtruck.core.written_page import WrittenPages

FOLDER = "docs/reference"


class Command(WrittenPages):
    help = "Write docs/reference/ from the code; with --check only compare."

    def pages(self) -> Mapping[str, str]:
        return pages()


def pages() -> dict[str, str]:
    """Every page that an app of ours has to give, by its path below the project's root."""
    found: dict[str, str] = {}
    for config in apps.get_app_configs():
        ours = Path(config.path).is_relative_to(settings.BASE_DIR)
        if ours and util.find_spec(f"{config.name}.reference"):
            with translation.override("en"):
                written = import_module(f"{config.name}.reference").pages()
            found |= {f"{FOLDER}/{name}": text for name, text in written.items()}
    return found
