"""Canadian tax number (Business Number)."""

import re

from stdnum.ca import bn

from trustedtruck.identifiers.characters import LETTERS_AND_DIGITS, compact, made_of
from trustedtruck.identifiers.checked import Checked, Finding, _

LENGTHS = (9, 15)

_SHAPE = re.compile(r"[0-9]{9}(?:[A-Z]{2}[0-9]{4})?")


def normalise(text: str) -> str:
    """Upper case, without spaces, hyphens and dots."""
    return compact(text)


def check(text: str) -> Checked:
    """A BN: 9 digits, the last a check digit (Luhn); or 15 with program and account (CRA).

    Errors: `bn_length`, `bn_characters`, `bn_format`, `bn_check_digit`. Warning: `bn_program`,
    a program account other than the four of trade, payroll, tax and sales tax.
    """
    value = normalise(text)
    errors = []
    if len(value) not in LENGTHS:
        errors.append(
            Finding(
                "bn_length",
                _("A BN has 9 characters, or 15 with its account; this one has %(count)s."),
                {"count": len(value)},
            )
        )
    if not made_of(value, LETTERS_AND_DIGITS):
        errors.append(Finding("bn_characters", _("A BN is made of digits and the letters A to Z.")))
    if errors:
        return Checked(value, tuple(errors))
    if _SHAPE.fullmatch(value) is None:
        wrong = Finding(
            "bn_format", _("A BN is nine digits; its account is two letters and four digits.")
        )
        return Checked(value, (wrong,))
    if not bn.is_valid(value[:9]):
        wrong = Finding("bn_check_digit", _("The ninth digit of this BN does not fit the others."))
        return Checked(value, (wrong,))
    if not bn.is_valid(value):
        odd = Finding(
            "bn_program",
            _("%(found)s is not one of the BN program accounts RC, RM, RP and RT."),
            {"found": value[9:11]},
        )
        return Checked(value, warnings=(odd,))
    return Checked(value)
