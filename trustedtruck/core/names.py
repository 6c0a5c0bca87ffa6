"""Comparing the names of companies and people as different systems write them."""

import re
import unicodedata

from anyascii import anyascii

_NOT_ALPHANUMERIC = re.compile(r"[^A-Z0-9]+")
# Legal forms say nothing about who it is, and every system abbreviates them differently.
_FORMS = re.compile(
    r"\b(S ?A ?P ?I ?DE ?C ?V|S ?A ?DE ?C ?V|S ?DE ?R ?L ?DE ?C ?V|S ?DE ?R ?L|S ?P ?R"
    r"|INCORPORATED|INC|LLC|L L C|LTD|LIMITED|CORPORATION|CORP|COMPANY|CO|S A|LP|GMBH)\b"
)


def plain(name: str) -> str:
    """Upper-case ASCII words, without accents and signs; other scripts are transliterated.

    `Muñoz-Peña, J.` is `MUNOZ PENA J`, `Юрий` is `YURIY`.
    """
    if name.isascii():
        return _NOT_ALPHANUMERIC.sub(" ", name.upper()).strip()
    # Decomposed first: an accent is dropped, where transliteration might spell it out.
    decomposed = "".join(c for c in unicodedata.normalize("NFKD", name) if not _is_accent(c))
    return _NOT_ALPHANUMERIC.sub(" ", anyascii(decomposed).upper()).strip()


def _is_accent(character: str) -> bool:
    return unicodedata.category(character) == "Mn"


def words(name: str) -> list[str]:
    """The words of a name in order, without legal forms; those too where nothing else is left."""
    found = plain(name)
    return _FORMS.sub(" ", found).split() or found.split()


def key(name: str) -> str:
    """Upper-case ASCII letters and digits without accents, signs and legal forms; `""` for none.

    `Frutas del Río, S.A. de C.V.` and `FRUTAS DEL RIO SA DE CV` have the same key.
    """
    return "".join(words(name))
