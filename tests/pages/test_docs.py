"""What the pages of the docs point at is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands
from django.urls import Resolver404, resolve

ROOT = Path(settings.BASE_DIR)
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
FILE = re.compile(r"`((?:docs|examples|tests|trustedtruck|lanes)/[\w./-]+\.\w+)`")
COMMAND = re.compile(r"manage\.py (\w+)")
ADDRESS = re.compile(r"`(/(?:portal|console|accounts|api|demonstration)/[^`\s{…<]*)`")


def names(page: Path) -> Iterator[tuple[str, bool]]:
    """What a page names, and whether it is there."""
    text = page.read_text(encoding="utf-8")
    for found in LINK.findall(text):
        yield found, (page.parent / found).exists()
    for found in FILE.findall(text):
        yield found, (ROOT / found).exists()
    for found in COMMAND.findall(text):
        yield f"manage.py {found}", found in get_commands()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_only_what_is_there(page: Path) -> None:
    assert [name for name, there in names(page) if not there] == []


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/howto/*.md")), ids=lambda page: page.name)
def test_the_addresses_of_the_how_tos_answer(page: Path) -> None:
    wrong = []
    for address in ADDRESS.findall(page.read_text(encoding="utf-8")):
        try:
            resolve(address)
        except Resolver404:
            wrong.append(address)
    assert wrong == []
