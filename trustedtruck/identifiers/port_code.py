"""Code of a port of entry."""

from trustedtruck.identifiers.characters import DIGITS, compact, made_of
from trustedtruck.identifiers.checked import Checked, Finding, _

LENGTH = 4


def normalise(text: str) -> str:
    """The digits, without spaces, hyphens and dots."""
    return compact(text)


def check(text: str) -> Checked:
    """A port code: 4 digits, district and port (US Census Bureau, Schedule D).

    Errors: `port_code_length`, `port_code_characters`.
    """
    value = normalise(text)
    errors = []
    if len(value) != LENGTH:
        errors.append(
            Finding(
                "port_code_length",
                _("A port code has 4 digits; this one has %(count)s."),
                {"count": len(value)},
            )
        )
    if not made_of(value, DIGITS):
        errors.append(Finding("port_code_characters", _("A port code is made of digits.")))
    return Checked(value, tuple(errors))
