"""In Spanish the product says "usted" to everybody, in the pages of django-allauth too."""

import re
from pathlib import Path

import allauth
import polib
import pytest
from django.utils import translation

from trustedtruck.accounts.allauth_texts import TEXTS

THEIRS = Path(allauth.__file__).parent / "locale" / "es" / "LC_MESSAGES" / "django.po"
TU = re.compile(
    r"\b(tu|tus|te|tú|puedes|podrás|estás|estés|has|debes|quieres|deseas|decides|tienes|recibes|ves|vete"
    r"|introduce|introdúcelo|guárdalos|ten|selecciona|utiliza|revisa|confía|confíes|inicies)\b",
    re.IGNORECASE,
)
# What we do not use: telephones, other services' log-ins, plurals of a page that is our own.
NOT_OURS = re.compile(r"socialaccount|idp|headless|openid|phone|account/fields|mfa/index.html")


def used() -> list[str]:
    """The texts of theirs that a user of ours may read."""
    return [
        entry.msgid
        for entry in polib.pofile(str(THEIRS))
        if entry.msgstr
        and not entry.obsolete
        and not all(NOT_OURS.search(place) for place, _line in entry.occurrences)
    ]


def test_nothing_says_tu() -> None:
    with translation.override("es"):
        said = {text: translation.gettext(text) for text in used()}
    # "sigue" and its like are left out of the pattern: they say "usted" of a thing as well.
    assert {text: es for text, es in said.items() if TU.search(es)} == {}


@pytest.mark.parametrize("text", TEXTS)
def test_what_we_translate_anew_is_theirs(text: str) -> None:
    assert text in {entry.msgid for entry in polib.pofile(str(THEIRS))}
