import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.iso6346 import calc_check_digit

from tests.identifiers.support import codes
from trustedtruck.identifiers import iso6346

# ISO 6346, annex A: 10 for A and upwards without the multiples of 11.
VALUES: dict[str, int] = dict(
    zip(
        string.digits + string.ascii_uppercase,
        [*range(10), *(n for n in range(10, 39) if n % 11)],
        strict=True,
    )
)


def remainder(ten: str) -> int:
    return sum(VALUES[character] * (1 << place) for place, character in enumerate(ten)) % 11


@pytest.mark.parametrize("text", ["CSQU3054383", "TASU1170000", "csqu 305438-3"])
def test_a_container_with_the_right_check_digit_is_good(text: str) -> None:
    checked = iso6346.check(text)
    assert (checked.errors, checked.warnings) == ((), ())


def test_a_remainder_of_ten_is_written_zero() -> None:
    assert remainder("TASU117000") == 10
    assert iso6346.check("TASU1170000").ok


@pytest.mark.parametrize("text", ["CSQU305438", "CSQU30543833", ""])
def test_length(text: str) -> None:
    assert codes(iso6346.check(text).errors) == ["iso6346_length"]


def test_characters() -> None:
    assert codes(iso6346.check("CSQU305438_").errors) == ["iso6346_characters"]


@pytest.mark.parametrize("text", ["CS1U3054383", "CSQ33054383", "CSQU30543A3", "12345678901"])
def test_format(text: str) -> None:
    assert codes(iso6346.check(text).errors) == ["iso6346_format"]


def test_category() -> None:
    ten = "CSQA305438"
    assert codes(iso6346.check(ten + calc_check_digit(ten)).errors) == ["iso6346_category"]


@pytest.mark.parametrize("category", "UJZR")
def test_each_category_in_use_is_good(category: str) -> None:
    ten = f"CSQ{category}305438"
    assert iso6346.check(ten + calc_check_digit(ten)).ok


def test_check_digit() -> None:
    checked = iso6346.check("CSQU3054384")
    assert codes(checked.errors) == ["iso6346_check_digit"]
    assert str(checked.errors[0]) == "The check digit of this container is 4; it should be 3."


def test_category_and_check_digit_are_told_at_once() -> None:
    assert codes(iso6346.check("CSQA3054380").errors) == ["iso6346_category", "iso6346_check_digit"]


owners = st.text(string.ascii_uppercase, min_size=3, max_size=3)
serials = st.text(string.digits, min_size=6, max_size=6)


@given(owners, st.sampled_from("UJZ"), serials)
@settings(deadline=None)
def test_the_check_digit_is_that_of_the_standard(owner: str, category: str, serial: str) -> None:
    ten = owner + category + serial
    assert iso6346.check(f"{ten}{remainder(ten) % 10}").ok


@given(owners, serials, st.integers(0, 10), st.sampled_from(sorted(VALUES)))
@settings(deadline=None)
def test_one_changed_character_is_caught(
    owner: str, serial: str, place: int, character: str
) -> None:
    """Where the rule can: not between letters equal modulo 11, nor between remainders 0 and 10."""
    ten = f"{owner}U{serial}"
    good = f"{ten}{remainder(ten) % 10}"
    changed = good[:place] + character + good[place + 1 :]
    if changed != good and remainder(changed[:10]) % 10 != int(good[10]):
        assert not iso6346.check(changed).ok
    if changed != good and place == 10:
        assert not iso6346.check(changed).ok


@given(owners, serials, st.integers(4, 9), st.sampled_from(string.digits))
@settings(deadline=None)
def test_one_changed_digit_is_caught_but_for_remainders_0_and_10(
    owner: str, serial: str, place: int, digit: str
) -> None:
    ten = f"{owner}U{serial}"
    changed = ten[:place] + digit + ten[place + 1 :]
    if changed == ten:
        return
    missed = {remainder(ten), remainder(changed)} == {0, 10}
    assert iso6346.check(f"{changed}{remainder(ten) % 10}").ok is missed
