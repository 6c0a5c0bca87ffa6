"""Trip number of a truck manifest."""

from trustedtruck.identifiers.characters import LETTERS, LETTERS_AND_DIGITS, compact, made_of
from trustedtruck.identifiers.checked import Checked, Finding, _

SCAC_LENGTH = 4
MIN_LENGTH, MAX_LENGTH = 8, 25


def normalise(text: str) -> str:
    """Upper case, without spaces, hyphens and dots."""
    return compact(text)


def check(text: str, scac: str = "") -> Checked:
    """A trip number: the carrier's SCAC and 4 to 21 letters and digits (CBP truck manifest).

    With a `scac`, the number must begin with that one.

    Errors: `trip_number_length`, `trip_number_characters`, `trip_number_scac`,
    `trip_number_other_scac`.
    """
    value = normalise(text)
    errors = []
    if not MIN_LENGTH <= len(value) <= MAX_LENGTH:
        errors.append(
            Finding(
                "trip_number_length",
                _("A trip number has 8 to 25 characters; this one has %(count)s."),
                {"count": len(value)},
            )
        )
    if not made_of(value, LETTERS_AND_DIGITS):
        errors.append(
            Finding(
                "trip_number_characters",
                _("A trip number is made of the letters A to Z and digits."),
            )
        )
    if errors:
        return Checked(value, tuple(errors))
    begins = value[:SCAC_LENGTH]
    expected = compact(scac)
    if not made_of(begins, LETTERS):
        wrong = Finding(
            "trip_number_scac",
            _("A trip number begins with a SCAC of four letters, not %(found)s."),
            {"found": begins},
        )
        return Checked(value, (wrong,))
    if expected and begins != expected:
        wrong = Finding(
            "trip_number_other_scac",
            _("This number begins with %(found)s, not the carrier's %(expected)s."),
            {"found": begins, "expected": expected},
        )
        return Checked(value, (wrong,))
    return Checked(value)
