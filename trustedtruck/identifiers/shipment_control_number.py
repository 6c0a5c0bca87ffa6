"""Shipment control number of a truck manifest."""

from trustedtruck.identifiers.characters import LETTERS, LETTERS_AND_DIGITS, compact, made_of
from trustedtruck.identifiers.checked import Checked, Finding, _

SCAC_LENGTH = 4
MIN_LENGTH, MAX_LENGTH = 8, 16


def normalise(text: str) -> str:
    """Upper case, without spaces, hyphens and dots."""
    return compact(text)


def check(text: str, scac: str = "") -> Checked:
    """A shipment control number: the carrier's SCAC and 4 to 12 letters and digits.

    CBP truck manifest. The broker's entry must name it exactly. With a `scac`, the number must
    begin with that one. That it is not used again for three years is not asked here.

    Errors: `shipment_control_number_length`, `shipment_control_number_characters`,
    `shipment_control_number_scac`, `shipment_control_number_other_scac`.
    """
    value = normalise(text)
    errors = []
    if not MIN_LENGTH <= len(value) <= MAX_LENGTH:
        errors.append(
            Finding(
                "shipment_control_number_length",
                _("A shipment control number has 8 to 16 characters; this one has %(count)s."),
                {"count": len(value)},
            )
        )
    if not made_of(value, LETTERS_AND_DIGITS):
        errors.append(
            Finding(
                "shipment_control_number_characters",
                _("A shipment control number is made of the letters A to Z and digits."),
            )
        )
    if errors:
        return Checked(value, tuple(errors))
    begins = value[:SCAC_LENGTH]
    expected = compact(scac)
    if not made_of(begins, LETTERS):
        wrong = Finding(
            "shipment_control_number_scac",
            _("A shipment control number begins with a SCAC of four letters, not %(found)s."),
            {"found": begins},
        )
        return Checked(value, (wrong,))
    if expected and begins != expected:
        wrong = Finding(
            "shipment_control_number_other_scac",
            _("This number begins with %(found)s, not the carrier's %(expected)s."),
            {"found": begins, "expected": expected},
        )
        return Checked(value, (wrong,))
    return Checked(value)
