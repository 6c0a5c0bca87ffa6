"""Mexican tax number (Registro Federal de Contribuyentes)."""

import re

from stdnum.mx import rfc

from trustedtruck.identifiers.characters import LETTERS_AND_DIGITS, compact, made_of
from trustedtruck.identifiers.checked import Checked, Finding, _
from trustedtruck.identifiers.dates import is_date

LENGTHS = (12, 13)
CHARACTERS = LETTERS_AND_DIGITS | {"&", "Ñ"}
# SAT: "the public at large" and "a foreigner without an RFC". Their last digit is not computed.
GENERIC = frozenset({"XAXX010101000", "XEXX010101000"})

_SHAPE = re.compile(r"[A-Z&Ñ]{3,4}(?P<date>[0-9]{6})[A-Z0-9]{2}[0-9A]")


def normalise(text: str) -> str:
    """Upper case (ñ too), without spaces, hyphens and dots; Ñ is one character."""
    # Composed last: a separator may stand between the N and its combining tilde.
    return compact(text).replace("ñ", "Ñ").replace("N\u0303", "Ñ")


def check(text: str) -> Checked:
    """An RFC: 3 letters (company) or 4 (person) of A-Z, Ñ and &, date YYMMDD, 3 characters.

    Shape: the `t_RFC` type of SAT's CFDI schema. Check digit: SAT's procedure, whose table puts &
    between N and O and Ñ last (python-stdnum).

    Errors: `rfc_length`, `rfc_characters`, `rfc_format`, `rfc_date`. Warnings: `rfc_check_digit`,
    because about 1.5 of 100 numbers in use carry a wrong one; `rfc_word`; `rfc_generic`.
    """
    value = normalise(text)
    errors = []
    if len(value) not in LENGTHS:
        errors.append(
            Finding(
                "rfc_length",
                _("An RFC has 12 characters (a company) or 13 (a person); this one has %(count)s."),
                {"count": len(value)},
            )
        )
    if not made_of(value, CHARACTERS):
        errors.append(
            Finding("rfc_characters", _("An RFC is made of the letters A to Z, Ñ, & and digits."))
        )
    if errors:
        return Checked(value, tuple(errors))
    shape = _SHAPE.fullmatch(value)
    if shape is None:
        wrong = Finding(
            "rfc_format",
            _(
                "An RFC is three or four letters, six digits of a date, two letters or digits, "
                "and a digit or A."
            ),
        )
        return Checked(value, (wrong,))
    # The century is not written. 2000 was a leap year and 1900 was not, so 2000 allows either.
    if not is_date(shape["date"], century=2000):
        wrong = Finding(
            "rfc_date",
            _("The six digits %(found)s of this RFC are not a date (year, month, day)."),
            {"found": shape["date"]},
        )
        return Checked(value, (wrong,))
    return Checked(value, warnings=tuple(_oddities(value)))


def _oddities(value: str) -> list[Finding]:
    if value in GENERIC:
        return [
            Finding(
                "rfc_generic",
                _("This is a generic RFC: it stands for the public or for foreigners, for nobody."),
            )
        ]
    odd = []
    # Shape and date are right by now: all that stdnum can still refuse is the word.
    if not rfc.is_valid(value):
        odd.append(
            Finding(
                "rfc_word",
                _("The SAT does not issue an RFC that begins with %(found)s."),
                {"found": value[:4]},
            )
        )
    expected = rfc.calc_check_digit(value[:-1])
    if value[-1] != expected:
        odd.append(
            Finding(
                "rfc_check_digit",
                _("The last character of this RFC is %(found)s; the rule asks for %(expected)s."),
                {"found": value[-1], "expected": expected},
            )
        )
    return odd
