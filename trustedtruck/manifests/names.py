"""Comparing the names of companies as different systems write them."""

import re
import unicodedata

_NOT_ALPHANUMERIC = re.compile(r"[^A-Z0-9]+")
# Legal forms say nothing about who it is, and every system abbreviates them differently.
_FORMS = re.compile(
    r"\b(S ?A ?P ?I ?DE ?C ?V|S ?A ?DE ?C ?V|S ?DE ?R ?L ?DE ?C ?V|S ?DE ?R ?L|S ?P ?R"
    r"|INCORPORATED|INC|LLC|L L C|LTD|LIMITED|CORPORATION|CORP|COMPANY|CO|S A|LP|GMBH)\b"
)


def key(name: str) -> str:
    """Upper-case ASCII letters and digits without accents, signs and legal forms; `""` for none.

    `Frutas del Río, S.A. de C.V.` and `FRUTAS DEL RIO SA DE CV` have the same key.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()
    words = _NOT_ALPHANUMERIC.sub(" ", plain).strip()
    without = " ".join(_FORMS.sub(" ", words).split())
    return without.replace(" ", "") or words.replace(" ", "")
