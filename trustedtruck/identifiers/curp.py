"""Mexican personal number (Clave Única de Registro de Población)."""

import re

from stdnum.mx import curp

from trustedtruck.identifiers.characters import DIGITS, LETTERS_AND_DIGITS, codes, compact, made_of
from trustedtruck.identifiers.checked import Checked, Finding, _
from trustedtruck.identifiers.dates import is_date

LENGTH = 18
SEXES = frozenset("HMX")
STATES = codes(
    "AS BC BS CC CH CL CM CS DF DG GR GT HG JC MC MN MS NE NL NT OC PL QR QT SL SP SR TC TL TS VZ "
    "YN ZS"
)

_SHAPE = re.compile(
    r"[A-Z]{4}(?P<date>[0-9]{6})(?P<sex>[A-Z])(?P<state>[A-Z]{2})[A-Z]{3}(?P<century>[0-9A-Z])[0-9]"
)


def normalise(text: str) -> str:
    """Upper case, without spaces, hyphens and dots. A name's Ñ is written X in a CURP."""
    return compact(text)


def check(text: str) -> Checked:
    """A CURP: 4 letters, birth date YYMMDD, sex, state, 3 letters, 1 character, check digit.

    The seventeenth is a digit for those born before 2000 and a letter for the others (RENAPO).

    Errors: `curp_length`, `curp_characters`, `curp_format`, `curp_date`, `curp_sex`,
    `curp_state`. Warnings: `curp_check_digit`, `curp_word`.
    """
    value = normalise(text)
    errors = []
    if len(value) != LENGTH:
        errors.append(
            Finding(
                "curp_length",
                _("A CURP has 18 characters; this one has %(count)s."),
                {"count": len(value)},
            )
        )
    if not made_of(value, LETTERS_AND_DIGITS):
        errors.append(
            Finding("curp_characters", _("A CURP is made of the letters A to Z and digits."))
        )
    if errors:
        return Checked(value, tuple(errors))
    shape = _SHAPE.fullmatch(value)
    if shape is None:
        wrong = Finding(
            "curp_format",
            _(
                "A CURP is four letters, six digits of a date, six letters, a letter or digit, "
                "and a digit."
            ),
        )
        return Checked(value, (wrong,))
    if errors := _wrong_parts(shape):
        return Checked(value, tuple(errors))
    return Checked(value, warnings=tuple(_oddities(value)))


def _wrong_parts(shape: re.Match[str]) -> list[Finding]:
    wrong = []
    if not is_date(shape["date"], century=1900 if shape["century"] in DIGITS else 2000):
        wrong.append(
            Finding(
                "curp_date",
                _("The six digits %(found)s of this CURP are not a date (year, month, day)."),
                {"found": shape["date"]},
            )
        )
    if shape["sex"] not in SEXES:
        wrong.append(
            Finding(
                "curp_sex",
                _("The eleventh letter of a CURP is H, M or X, not %(found)s."),
                {"found": shape["sex"]},
            )
        )
    if shape["state"] not in STATES:
        wrong.append(
            Finding(
                "curp_state",
                _("%(found)s in this CURP is no state of Mexico, nor NE (born abroad)."),
                {"found": shape["state"]},
            )
        )
    return wrong


def _oddities(value: str) -> list[Finding]:
    odd = []
    # All other parts are right by now, so stdnum can only refuse the word. It does not know the
    # sex X, which RENAPO added later.
    if not curp.is_valid(value[:10] + "H" + value[11:], validate_check_digits=False):
        odd.append(
            Finding(
                "curp_word",
                _("RENAPO does not issue a CURP that begins with %(found)s."),
                {"found": value[:4]},
            )
        )
    expected = curp.calc_check_digit(value)
    if value[-1] != expected:
        odd.append(
            Finding(
                "curp_check_digit",
                _("The last digit of this CURP is %(found)s; the rule asks for %(expected)s."),
                {"found": value[-1], "expected": expected},
            )
        )
    return odd
