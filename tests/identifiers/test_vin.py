import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.identifiers.support import codes
from trustedtruck.identifiers import vin

GOOD = "1M8GDM9AXKP042788"
# The letters and digits that share a value: the check digit cannot tell them apart.
SAME_VALUE = ["1AJ", "2BKS", "3CLT", "4DMU", "5ENV", "6FW", "7GPX", "8HY", "9RZ", "0"]


@pytest.mark.parametrize("text", [GOOD, "11111111111111111", "1m8gd m9a-xkp0.42788"])
def test_a_vin_with_the_right_check_digit_is_good(text: str) -> None:
    checked = vin.check(text)
    assert (checked.errors, checked.warnings) == ((), ())


@pytest.mark.parametrize("text", ["1M8GDM9AXKP04278", "1M8GDM9AXKP0427888", ""])
def test_length(text: str) -> None:
    assert codes(vin.check(text).errors) == ["vin_length"]


@pytest.mark.parametrize("letter", "IOQÑ_")
def test_characters(letter: str) -> None:
    assert codes(vin.check(GOOD[:-1] + letter).errors) == ["vin_characters"]


def test_length_and_characters_are_told_at_once() -> None:
    assert codes(vin.check("I").errors) == ["vin_length", "vin_characters"]


def test_check_digit_of_a_north_american_maker_is_an_error() -> None:
    checked = vin.check("1M8GDM9A0KP042788")
    assert codes(checked.errors) == ["vin_check_digit"]
    assert str(checked.errors[0]) == ("The ninth character of this VIN is 0; the others ask for X.")


@pytest.mark.parametrize("first", "12345")
def test_each_north_american_first_character_binds(first: str) -> None:
    value = first + GOOD[1:]
    wrong = "0" if vin.check_digit(value) != "0" else "1"
    assert codes(vin.check(value[:8] + wrong + value[9:]).errors) == ["vin_check_digit"]


def test_check_digit_of_another_maker_is_a_warning() -> None:
    checked = vin.check("KNEJC524585810962")
    assert checked.ok
    assert codes(checked.warnings) == ["vin_check_digit"]


def test_a_ninth_character_that_is_no_check_digit_is_wrong() -> None:
    assert codes(vin.check("1M8GDM9AZKP042788").errors) == ["vin_check_digit"]


characters = st.sampled_from(sorted(vin.CHARACTERS))


@given(st.lists(characters, min_size=17, max_size=17), st.integers(0, 16), characters)
@settings(deadline=None)
def test_one_changed_character_is_caught(drawn: list[str], place: int, other: str) -> None:
    """Always, but for characters of one value: weights and 11 have no common factor."""
    drawn[8] = vin.check_digit("".join(drawn))
    good = "".join(drawn)
    assert codes(vin.check(good).errors + vin.check(good).warnings) == []
    changed = vin.check(good[:place] + other + good[place + 1 :])
    caught = codes(changed.errors + changed.warnings) == ["vin_check_digit"]
    same = other == good[place] or (
        place != 8 and any(other in group and good[place] in group for group in SAME_VALUE)
    )
    assert caught is not same
