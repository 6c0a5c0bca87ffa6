"""Vehicle identification number."""

from trustedtruck.identifiers.characters import LETTERS_AND_DIGITS, compact, made_of
from trustedtruck.identifiers.checked import Checked, Finding, _

LENGTH = 17
CHARACTERS = LETTERS_AND_DIGITS - set("IOQ")
NORTH_AMERICA = frozenset("12345")

_VALUES = {
    **{digit: int(digit) for digit in "0123456789"},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMNPR", (1, 2, 3, 4, 5, 7, 9), strict=True)),
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_CHECK_DIGITS = "0123456789X"
_CHECK_POSITION = 8


def normalise(text: str) -> str:
    """Upper case, without spaces, hyphens and dots."""
    return compact(text)


def check_digit(value: str) -> str:
    """The check digit, 0 to 9 or X, of 17 allowed characters; the ninth weighs nothing.

    The values and weights of 49 CFR 565.15(c).
    """
    total = sum(
        _VALUES[character] * weight for character, weight in zip(value, _WEIGHTS, strict=True)
    )
    return _CHECK_DIGITS[total % 11]


def check(text: str) -> Checked:
    """A VIN: 17 digits and letters without I, O and Q (49 CFR 565.13, ISO 3779).

    Errors: `vin_length`, `vin_characters`, `vin_check_digit`. Makers outside North America
    (first character not 1 to 5) need not use the check digit: there `vin_check_digit` is a
    warning.
    """
    value = normalise(text)
    errors = []
    if len(value) != LENGTH:
        errors.append(
            Finding(
                "vin_length",
                _("A VIN has 17 characters; this one has %(count)s."),
                {"count": len(value)},
            )
        )
    if not made_of(value, CHARACTERS):
        errors.append(
            Finding(
                "vin_characters",
                _("A VIN is made of the digits and the letters A to Z without I, O and Q."),
            )
        )
    if errors:
        return Checked(value, tuple(errors))
    if value[_CHECK_POSITION] == check_digit(value):
        return Checked(value)
    wrong = Finding(
        "vin_check_digit",
        _("The ninth character of this VIN is %(found)s; the others ask for %(expected)s."),
        {"found": value[_CHECK_POSITION], "expected": check_digit(value)},
    )
    if value[0] in NORTH_AMERICA:
        return Checked(value, errors=(wrong,))
    return Checked(value, warnings=(wrong,))
