"""Mexican carrier code (Código Alfanumérico Armonizado del Transportista)."""

from trustedtruck.identifiers.characters import LETTERS_AND_DIGITS, compact, made_of
from trustedtruck.identifiers.checked import Checked, Finding, _

LENGTH = 4


def normalise(text: str) -> str:
    """Upper case, without spaces, hyphens and dots."""
    return compact(text)


def check(text: str) -> Checked:
    """A CAAT: 4 letters and digits, issued by Mexico's customs to the holder of an RFC.

    Errors: `caat_length`, `caat_characters`.
    """
    value = normalise(text)
    errors = []
    if len(value) != LENGTH:
        errors.append(
            Finding(
                "caat_length",
                _("A CAAT has 4 characters; this one has %(count)s."),
                {"count": len(value)},
            )
        )
    if not made_of(value, LETTERS_AND_DIGITS):
        errors.append(
            Finding("caat_characters", _("A CAAT is made of the letters A to Z and digits."))
        )
    return Checked(value, tuple(errors))
