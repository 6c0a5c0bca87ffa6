"""Freight container number."""

from stdnum import iso6346

from trustedtruck.identifiers.characters import (
    DIGITS,
    LETTERS,
    LETTERS_AND_DIGITS,
    compact,
    made_of,
)
from trustedtruck.identifiers.checked import Checked, Finding, _

LENGTH = 11
# R is not in the standard; owners of refrigerated units use it, and the number is checked alike.
CATEGORIES = frozenset("UJZR")


def normalise(text: str) -> str:
    """Upper case, without spaces, hyphens and dots."""
    return compact(text)


def check(text: str) -> Checked:
    """A container number: owner (3 letters), category, 6 digits, check digit (ISO 6346).

    Errors: `iso6346_length`, `iso6346_characters`, `iso6346_format`, `iso6346_category`,
    `iso6346_check_digit`.
    """
    value = normalise(text)
    errors = []
    if len(value) != LENGTH:
        errors.append(
            Finding(
                "iso6346_length",
                _("A container number has 11 characters; this one has %(count)s."),
                {"count": len(value)},
            )
        )
    if not made_of(value, LETTERS_AND_DIGITS):
        errors.append(
            Finding(
                "iso6346_characters",
                _("A container number is made of the letters A to Z and digits."),
            )
        )
    if errors:
        return Checked(value, tuple(errors))
    if not (made_of(value[:4], LETTERS) and made_of(value[4:], DIGITS)):
        wrong = Finding(
            "iso6346_format", _("A container number is four letters followed by seven digits.")
        )
        return Checked(value, (wrong,))
    if value[3] not in CATEGORIES:
        errors.append(
            Finding(
                "iso6346_category",
                _("The fourth letter of a container number is U, J, Z or R, not %(found)s."),
                {"found": value[3]},
            )
        )
    expected = iso6346.calc_check_digit(value[:10])
    if value[10] != expected:
        errors.append(
            Finding(
                "iso6346_check_digit",
                _("The check digit of this container is %(found)s; it should be %(expected)s."),
                {"found": value[10], "expected": expected},
            )
        )
    return Checked(value, tuple(errors))
