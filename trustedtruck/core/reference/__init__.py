"""What the reference in the docs lists of the core: settings, problem codes, commands.

An app that has something to list has a module `reference`, whose `pages()` gives each page whole,
by its name below `docs/reference/`.
"""

from collections.abc import Mapping

from trustedtruck.core.reference import commands, problems, settings


def pages() -> Mapping[str, str]:
    return {
        "settings.md": settings.written(),
        "problems.md": problems.written(),
        "commands.md": commands.written(),
    }
