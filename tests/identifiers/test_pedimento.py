import pytest

from tests.identifiers.support import codes
from trustedtruck.identifiers import pedimento


def test_fifteen_digits_are_good() -> None:
    checked = pedimento.check("24  47  3807  4001234")
    assert (checked.value, checked.errors) == ("244738074001234", ())


@pytest.mark.parametrize("text", ["24473807400123", "2447380740012345", ""])
def test_length(text: str) -> None:
    assert codes(pedimento.check(text).errors) == ["pedimento_length"]


@pytest.mark.parametrize("text", ["24473807400123A", "24473807400123４"])
def test_characters(text: str) -> None:
    assert codes(pedimento.check(text).errors) == ["pedimento_characters"]
