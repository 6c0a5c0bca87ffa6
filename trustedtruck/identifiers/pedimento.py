"""Number of a Mexican customs declaration (pedimento)."""

from trustedtruck.identifiers.characters import DIGITS, compact, made_of
from trustedtruck.identifiers.checked import Checked, Finding, _

LENGTH = 15


def normalise(text: str) -> str:
    """The digits, without the spaces that part year, office, licence and number."""
    return compact(text)


def check(text: str) -> Checked:
    """A pedimento: 15 digits: year 2, customs office 2, broker's licence 4, number 7.

    SAT, RGCE annex 22. The parts are not judged: their ranges change from year to year.

    Errors: `pedimento_length`, `pedimento_characters`.
    """
    value = normalise(text)
    errors = []
    if len(value) != LENGTH:
        errors.append(
            Finding(
                "pedimento_length",
                _("A pedimento has 15 digits; this one has %(count)s."),
                {"count": len(value)},
            )
        )
    if not made_of(value, DIGITS):
        errors.append(Finding("pedimento_characters", _("A pedimento is made of digits.")))
    return Checked(value, tuple(errors))
