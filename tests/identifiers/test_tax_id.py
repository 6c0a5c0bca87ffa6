import pytest

from tests.identifiers.support import codes
from trustedtruck.identifiers import tax_id


@pytest.mark.parametrize(
    ("country", "text", "value"),
    [
        ("US", "91-1144442", "911144442"),
        ("MX", "oño 120726 rx3", "OÑO120726RX3"),
        ("CA", "12302 6635", "123026635"),
        ("us", "91-1144442", "911144442"),
    ],
)
def test_each_country_has_its_own_number(country: str, text: str, value: str) -> None:
    checked = tax_id.check(text, country)
    assert (checked.value, checked.errors, checked.warnings) == (value, (), ())
    assert tax_id.normalise(text, country) == value


@pytest.mark.parametrize(
    ("country", "code"), [("US", "ein_length"), ("MX", "rfc_length"), ("CA", "bn_length")]
)
def test_the_findings_are_those_of_the_country(country: str, code: str) -> None:
    assert codes(tax_id.check("1", country).errors) == [code]


@pytest.mark.parametrize("country", ["GT", ""])
def test_country(country: str) -> None:
    checked = tax_id.check("123 456-7", country)
    assert (checked.value, checked.ok) == ("1234567", True)
    assert codes(checked.warnings) == ["tax_id_country"]


@pytest.mark.parametrize("text", ["", "12/34", "１２３"])
def test_characters(text: str) -> None:
    checked = tax_id.check(text, "GT")
    assert codes(checked.errors) == ["tax_id_characters"]
    assert codes(checked.warnings) == ["tax_id_country"]
