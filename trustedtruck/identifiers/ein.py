"""US tax number (Employer Identification Number)."""

from stdnum.exceptions import InvalidComponent
from stdnum.us import ein

from trustedtruck.identifiers.characters import DIGITS, compact, made_of
from trustedtruck.identifiers.checked import Checked, Finding, _

LENGTH = 9


def normalise(text: str) -> str:
    """The digits, without the hyphen."""
    return compact(text)


def check(text: str) -> Checked:
    """An EIN: 9 digits, the first two the issuing office (IRS).

    Errors: `ein_length`, `ein_characters`. Warning: `ein_prefix`, because the IRS opens new
    prefixes from time to time.
    """
    value = normalise(text)
    errors = []
    if len(value) != LENGTH:
        errors.append(
            Finding(
                "ein_length",
                _("An EIN has 9 digits; this one has %(count)s."),
                {"count": len(value)},
            )
        )
    if not made_of(value, DIGITS):
        errors.append(Finding("ein_characters", _("An EIN is made of digits.")))
    if errors:
        return Checked(value, tuple(errors))
    try:
        ein.get_campus(value)
    except InvalidComponent:
        odd = Finding(
            "ein_prefix",
            _("No office of the IRS is known to issue an EIN that begins with %(found)s."),
            {"found": value[:2]},
        )
        return Checked(value, warnings=(odd,))
    return Checked(value)
