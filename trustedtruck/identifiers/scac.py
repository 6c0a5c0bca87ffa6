"""Standard Carrier Alpha Code."""

from trustedtruck.identifiers.characters import LETTERS, compact, made_of
from trustedtruck.identifiers.checked import Checked, Finding, _

LENGTH = 4


def normalise(text: str) -> str:
    """Upper case, without spaces, hyphens and dots."""
    return compact(text)


def check(text: str) -> Checked:
    """A SCAC: 4 letters. NMFTA issues shorter ones too; CBP's truck manifest takes four.

    Errors: `scac_length`, `scac_characters`.
    """
    value = normalise(text)
    errors = []
    if len(value) != LENGTH:
        errors.append(
            Finding(
                "scac_length",
                _("A SCAC has 4 letters; this one has %(count)s."),
                {"count": len(value)},
            )
        )
    if not made_of(value, LETTERS):
        errors.append(Finding("scac_characters", _("A SCAC is made of the letters A to Z.")))
    return Checked(value, tuple(errors))
