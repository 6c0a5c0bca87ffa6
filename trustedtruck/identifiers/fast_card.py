"""Number of a FAST driver's card."""

from trustedtruck.identifiers.characters import DIGITS, LETTERS_AND_DIGITS, compact, made_of
from trustedtruck.identifiers.checked import Checked, Finding, _

LENGTH = 14


def normalise(text: str) -> str:
    """Upper case, without spaces, hyphens and dots."""
    return compact(text)


def check(text: str) -> Checked:
    """A FAST card number: 14 characters (CBP truck manifest).

    The published samples are all digits, the published rule is not: letters only warn.

    Errors: `fast_card_length`, `fast_card_characters`. Warning: `fast_card_letters`.
    """
    value = normalise(text)
    errors = []
    if len(value) != LENGTH:
        errors.append(
            Finding(
                "fast_card_length",
                _("A FAST card number has 14 characters; this one has %(count)s."),
                {"count": len(value)},
            )
        )
    if not made_of(value, LETTERS_AND_DIGITS):
        errors.append(
            Finding(
                "fast_card_characters",
                _("A FAST card number is made of digits, or of the letters A to Z and digits."),
            )
        )
    if errors or made_of(value, DIGITS):
        return Checked(value, tuple(errors))
    odd = Finding("fast_card_letters", _("FAST card numbers are usually digits only."))
    return Checked(value, warnings=(odd,))
