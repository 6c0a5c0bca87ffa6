import pytest

from tests.identifiers.support import codes
from trustedtruck.identifiers import seal


@pytest.mark.parametrize("text", ["1", "ABC-1234567", "123456789012345"])
def test_one_to_fifteen_letters_digits_and_hyphens_are_good(text: str) -> None:
    checked = seal.check(text)
    assert (checked.value, checked.errors) == (text, ())


def test_spaces_fall_away_and_hyphens_stay() -> None:
    assert seal.check(" abc-12 34 ").value == "ABC-1234"


@pytest.mark.parametrize("text", ["1234567890123456", ""])
def test_length(text: str) -> None:
    assert codes(seal.check(text).errors) == ["seal_length"]


@pytest.mark.parametrize("text", ["AB.12", "AB/12", "AB–12", "ABÑ12"])
def test_characters(text: str) -> None:
    assert codes(seal.check(text).errors) == ["seal_characters"]


@pytest.mark.parametrize("text", ["-", "---"])
def test_blank(text: str) -> None:
    assert codes(seal.check(text).errors) == ["seal_blank"]
