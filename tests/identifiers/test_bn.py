import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.identifiers.support import codes
from trustedtruck.identifiers import bn


@pytest.mark.parametrize("text", ["12302 6635", "123026635 rc 0001", "123026635RM0001"])
def test_nine_digits_with_or_without_an_account_are_good(text: str) -> None:
    checked = bn.check(text)
    assert (checked.errors, checked.warnings) == ((), ())


@pytest.mark.parametrize("text", ["12302663", "1230266355", "123026635RC00011", ""])
def test_length(text: str) -> None:
    assert codes(bn.check(text).errors) == ["bn_length"]


def test_characters() -> None:
    assert codes(bn.check("12302663_").errors) == ["bn_characters"]


@pytest.mark.parametrize("text", ["12302663A", "123026635R10001", "123026635RC000A"])
def test_format(text: str) -> None:
    assert codes(bn.check(text).errors) == ["bn_format"]


@pytest.mark.parametrize("text", ["123026634", "123026634RC0001"])
def test_check_digit(text: str) -> None:
    assert codes(bn.check(text).errors) == ["bn_check_digit"]


def test_program() -> None:
    checked = bn.check("123026635RR0001")
    assert checked.ok
    assert codes(checked.warnings) == ["bn_program"]


@given(st.integers(0, 8), st.sampled_from("0123456789"))
@settings(deadline=None)
def test_one_changed_digit_is_caught(place: int, digit: str) -> None:
    good = "123026635"
    changed = good[:place] + digit + good[place + 1 :]
    assert bn.check(changed).ok is (changed == good)
