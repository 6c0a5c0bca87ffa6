import pytest

from tests.identifiers.support import codes
from trustedtruck.identifiers import usdot


@pytest.mark.parametrize("text", ["1", "1234567", "99999999"])
def test_one_to_eight_digits_are_good(text: str) -> None:
    assert usdot.check(text).ok


@pytest.mark.parametrize("text", ["USDOT 1234567", "US DOT-1234567", "dot 1234567", "01234567"])
def test_the_marking_of_the_door_and_leading_zeros_fall_away(text: str) -> None:
    assert usdot.check(text).value == "1234567"


def test_the_marking_falls_away_once_only() -> None:
    assert codes(usdot.check("USDOT USDOT 1").errors) == ["usdot_length", "usdot_characters"]


@pytest.mark.parametrize("text", ["123456789", ""])
def test_length(text: str) -> None:
    assert codes(usdot.check(text).errors) == ["usdot_length"]


@pytest.mark.parametrize("text", ["MC12345", "12A4", "-+1"])
def test_characters(text: str) -> None:
    assert codes(usdot.check(text).errors) == ["usdot_characters"]


@pytest.mark.parametrize("text", ["0", "00000000", "USDOT 0"])
def test_zero(text: str) -> None:
    assert codes(usdot.check(text).errors) == ["usdot_zero"]
