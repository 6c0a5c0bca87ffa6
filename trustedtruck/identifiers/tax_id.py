"""A company's tax number, by its country."""

from collections.abc import Callable

from trustedtruck.identifiers import bn, ein, rfc
from trustedtruck.identifiers.characters import LETTERS_AND_DIGITS, compact, made_of
from trustedtruck.identifiers.checked import Checked, Finding, _

CHECKS: dict[str, Callable[[str], Checked]] = {
    "CA": bn.check,
    "MX": rfc.check,
    "US": ein.check,
}


def normalise(text: str, country: str = "") -> str:
    """The normal form of the country's own number; elsewhere upper case without separators."""
    own = CHECKS.get(compact(country))
    return compact(text) if own is None else own(text).value


def check(text: str, country: str = "") -> Checked:
    """A tax number of `country` (ISO 3166-1, two letters): CA a BN, MX an RFC, US an EIN.

    The findings are those of the country's number. Elsewhere: error `tax_id_characters`, and
    always the warning `tax_id_country`, because no rule is known.
    """
    own = CHECKS.get(compact(country))
    if own is not None:
        return own(text)
    value = normalise(text)
    odd = Finding("tax_id_country", _("The tax numbers of this country cannot be checked here."))
    if value and made_of(value, LETTERS_AND_DIGITS):
        return Checked(value, warnings=(odd,))
    wrong = Finding(
        "tax_id_characters",
        _("A tax number is made of the letters A to Z and digits, and has at least one."),
    )
    return Checked(value, (wrong,), (odd,))
