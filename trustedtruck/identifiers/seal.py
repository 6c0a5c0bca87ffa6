"""Mechanical seal number."""

from trustedtruck.identifiers.characters import LETTERS_AND_DIGITS, compact, made_of
from trustedtruck.identifiers.checked import Checked, Finding, _

MAX_LENGTH = 15
CHARACTERS = LETTERS_AND_DIGITS | {"-"}


def normalise(text: str) -> str:
    """Upper case, without spaces. Hyphens stay: they are part of what is stamped on the seal."""
    return compact(text, separators=" ")


def check(text: str) -> Checked:
    """A seal number: 1 to 15 letters, digits and hyphens (ISO 17712; CBP truck manifest).

    Errors: `seal_length`, `seal_characters`, `seal_blank`.
    """
    value = normalise(text)
    errors = []
    if not 1 <= len(value) <= MAX_LENGTH:
        errors.append(
            Finding(
                "seal_length",
                _("A seal number has 1 to 15 characters; this one has %(count)s."),
                {"count": len(value)},
            )
        )
    if not made_of(value, CHARACTERS):
        errors.append(
            Finding(
                "seal_characters",
                _("A seal number is made of the letters A to Z, digits and hyphens."),
            )
        )
    elif value and made_of(value, frozenset("-")):
        errors.append(Finding("seal_blank", _("A seal number has at least one letter or digit.")))
    return Checked(value, tuple(errors))
