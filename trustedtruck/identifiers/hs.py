"""Commodity code of the Harmonized System and of the tariffs built on it."""

from trustedtruck.identifiers.characters import DIGITS, compact, made_of
from trustedtruck.identifiers.checked import Checked, Finding, _

INTERNATIONAL_LENGTH = 6
MAX_LENGTH = 10
# Six digits are international; eight and ten are national subdivisions (US, Mexico, Canada).
USUAL_LENGTHS = frozenset({6, 8, 10})


def normalise(text: str) -> str:
    """The digits, without the dots, spaces and hyphens of the printed tariff."""
    return compact(text)


def international(value: str) -> str:
    """The part of a normal form that means the same in every country."""
    return value[:INTERNATIONAL_LENGTH]


def check(text: str) -> Checked:
    """A commodity code: 6 to 10 digits, the first six international (WCO HS Convention).

    Format only: whether the code is in the nomenclature is not asked.

    Errors: `hs_length`, `hs_characters`. Warning: `hs_odd_length`.
    """
    value = normalise(text)
    errors = []
    if not INTERNATIONAL_LENGTH <= len(value) <= MAX_LENGTH:
        errors.append(
            Finding(
                "hs_length",
                _("A commodity code has 6 to 10 digits; this one has %(count)s."),
                {"count": len(value)},
            )
        )
    if not made_of(value, DIGITS):
        errors.append(Finding("hs_characters", _("A commodity code is made of digits.")))
    if errors or len(value) in USUAL_LENGTHS:
        return Checked(value, tuple(errors))
    odd = Finding(
        "hs_odd_length",
        _("Commodity codes usually have 6, 8 or 10 digits; this one has %(count)s."),
        {"count": len(value)},
    )
    return Checked(value, warnings=(odd,))
