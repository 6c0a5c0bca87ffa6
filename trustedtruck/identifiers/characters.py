r"""The characters that identifiers are made of: ASCII only.

`str.isdigit`, `str.isalnum`, `str.upper` and `\d` are not used in this package: they accept or
make ASCII of full-width digits, Arabic digits and letters such as ſ, ı and the Kelvin sign,
and two texts that look alike to a person would be one number to us and two to a database.
"""

import string

DIGITS = frozenset(string.digits)
LETTERS = frozenset(string.ascii_uppercase)
LETTERS_AND_DIGITS = LETTERS | DIGITS

_UPPER = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)


def compact(text: str, *, separators: str = " -.") -> str:
    """Upper case without separators, and without tabs and line ends around it.

    Any other character stays, so that the check refuses it instead of guessing what was meant.
    """
    return text.translate(_UPPER | dict.fromkeys(map(ord, separators))).strip("\t\r\n")


def codes(text: str) -> frozenset[str]:
    """A list of codes written as one text, which reads better than a column of quotes."""
    return frozenset(text.split())


def made_of(value: str, allowed: frozenset[str]) -> bool:
    """Whether every character is an allowed one; true of the empty text."""
    return allowed.issuperset(value)
