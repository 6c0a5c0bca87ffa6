import pytest

from tests.identifiers.support import codes
from trustedtruck.identifiers import ein


@pytest.mark.parametrize("text", ["91-1144442", "042103594"])
def test_nine_digits_of_a_known_office_are_good(text: str) -> None:
    checked = ein.check(text)
    assert (checked.errors, checked.warnings) == ((), ())


@pytest.mark.parametrize("text", ["91114444", "9111444422", ""])
def test_length(text: str) -> None:
    assert codes(ein.check(text).errors) == ["ein_length"]


@pytest.mark.parametrize("text", ["91-114444A", "91-114444２"])
def test_characters(text: str) -> None:
    assert codes(ein.check(text).errors) == ["ein_characters"]


@pytest.mark.parametrize("text", ["07-1144442", "00-1234567"])
def test_prefix(text: str) -> None:
    checked = ein.check(text)
    assert checked.ok
    assert codes(checked.warnings) == ["ein_prefix"]
