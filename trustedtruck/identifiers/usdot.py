"""USDOT number of a motor carrier."""

import re

from trustedtruck.identifiers.characters import DIGITS, compact, made_of
from trustedtruck.identifiers.checked import Checked, Finding, _

MAX_LENGTH = 8

# As the truck's door shows it: the letters USDOT before the number (49 CFR 390.21).
_MARKED = re.compile(r"(?:US)?DOT([0-9]+)")


def normalise(text: str) -> str:
    """The digits, without the letters USDOT or DOT, separators and leading zeros."""
    value = compact(text)
    marked = _MARKED.fullmatch(value)
    if marked is not None:
        value = marked[1]
    if value and made_of(value, DIGITS):
        # The number is a number: 00123 and 123 name one carrier, and must compare equal.
        return value.lstrip("0") or "0"
    return value


def check(text: str) -> Checked:
    """A USDOT number: 1 to 8 digits, not zero (FMCSA; 49 CFR 390.19, 390.21).

    Errors: `usdot_length`, `usdot_characters`, `usdot_zero`.
    """
    value = normalise(text)
    errors = []
    if not 1 <= len(value) <= MAX_LENGTH:
        errors.append(
            Finding(
                "usdot_length",
                _("A USDOT number has 1 to 8 digits; this one has %(count)s."),
                {"count": len(value)},
            )
        )
    if not made_of(value, DIGITS):
        errors.append(Finding("usdot_characters", _("A USDOT number is made of digits.")))
    if value == "0":
        errors.append(Finding("usdot_zero", _("There is no USDOT number 0.")))
    return Checked(value, tuple(errors))
