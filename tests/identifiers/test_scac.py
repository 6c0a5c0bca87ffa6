import pytest

from tests.identifiers.support import codes
from trustedtruck.identifiers import scac


def test_four_letters_are_good() -> None:
    assert scac.check(" abcd ").value == "ABCD"
    assert scac.check("ABCD").ok


@pytest.mark.parametrize("text", ["ABC", "ABCDE", ""])
def test_length(text: str) -> None:
    assert codes(scac.check(text).errors) == ["scac_length"]


@pytest.mark.parametrize("text", ["ABC1", "ABCÑ", "ABC&"])
def test_characters(text: str) -> None:
    assert codes(scac.check(text).errors) == ["scac_characters"]
