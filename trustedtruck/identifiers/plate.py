"""Licence plate number."""

from trustedtruck.identifiers import jurisdiction as jurisdictions
from trustedtruck.identifiers.characters import LETTERS_AND_DIGITS, compact, made_of
from trustedtruck.identifiers.checked import Checked, Finding, _

MAX_LENGTH = 10


def normalise(text: str) -> str:
    """Upper case, without spaces, hyphens and dots: cameras and clerks disagree on them."""
    return compact(text)


def check(text: str, jurisdiction: str = "") -> Checked:
    """A plate number: 1 to 10 letters and digits (CBP truck manifest).

    With a `jurisdiction` its findings are added; the value is the number alone.

    Errors: `plate_length`, `plate_characters`, and those of the jurisdiction. Warnings: those of
    the jurisdiction.
    """
    value = normalise(text)
    errors = []
    if not 1 <= len(value) <= MAX_LENGTH:
        errors.append(
            Finding(
                "plate_length",
                _("A plate number has 1 to 10 characters; this one has %(count)s."),
                {"count": len(value)},
            )
        )
    if not made_of(value, LETTERS_AND_DIGITS):
        errors.append(
            Finding(
                "plate_characters", _("A plate number is made of the letters A to Z and digits.")
            )
        )
    if not jurisdiction:
        return Checked(value, tuple(errors))
    place = jurisdictions.check(jurisdiction)
    return Checked(value, (*errors, *place.errors), place.warnings)
