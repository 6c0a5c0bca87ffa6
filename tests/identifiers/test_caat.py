import pytest

from tests.identifiers.support import codes
from trustedtruck.identifiers import caat


@pytest.mark.parametrize("text", ["3A7K", "ABCD", "1234", "3a7-k"])
def test_four_letters_and_digits_are_good(text: str) -> None:
    assert caat.check(text).ok


@pytest.mark.parametrize("text", ["3A7", "3A7KK", ""])
def test_length(text: str) -> None:
    assert codes(caat.check(text).errors) == ["caat_length"]


@pytest.mark.parametrize("text", ["3A7Ñ", "3A7&", "3A7_"])
def test_characters(text: str) -> None:
    assert codes(caat.check(text).errors) == ["caat_characters"]
