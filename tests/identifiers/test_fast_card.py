import pytest

from tests.identifiers.support import codes
from trustedtruck.identifiers import fast_card


def test_fourteen_digits_are_good() -> None:
    checked = fast_card.check("4110 5555 123456")
    assert (checked.value, checked.errors, checked.warnings) == ("41105555123456", (), ())


@pytest.mark.parametrize("text", ["4110555512345", "411055551234567", ""])
def test_length(text: str) -> None:
    assert codes(fast_card.check(text).errors) == ["fast_card_length"]


@pytest.mark.parametrize("text", ["4110555512345_", "4110555512345٣"])
def test_characters(text: str) -> None:
    assert codes(fast_card.check(text).errors) == ["fast_card_characters"]


def test_letters_are_only_a_warning() -> None:
    checked = fast_card.check("4110555512345A")
    assert checked.ok
    assert codes(checked.warnings) == ["fast_card_letters"]
