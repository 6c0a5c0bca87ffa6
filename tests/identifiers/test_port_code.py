import pytest

from tests.identifiers.support import codes
from trustedtruck.identifiers import port_code


def test_four_digits_are_good() -> None:
    assert port_code.check("2304").ok  # Laredo
    assert port_code.check("0901").ok  # Buffalo-Niagara Falls: the leading zero counts


@pytest.mark.parametrize("text", ["230", "23040", ""])
def test_length(text: str) -> None:
    assert codes(port_code.check(text).errors) == ["port_code_length"]


@pytest.mark.parametrize("text", ["230A", "230٤"])
def test_characters(text: str) -> None:
    assert codes(port_code.check(text).errors) == ["port_code_characters"]
