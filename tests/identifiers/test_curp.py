import pytest

from tests.identifiers.support import codes
from trustedtruck.identifiers import curp

GOOD = "BOXW310820HNERXN09"
ALPHABET = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"


def with_digit(seventeen: str) -> str:
    total = sum(ALPHABET.index(c) * (18 - i) for i, c in enumerate(seventeen))
    return f"{seventeen}{(10 - total % 10) % 10}"


def test_a_curp_with_the_right_check_digit_is_good() -> None:
    assert with_digit(GOOD[:17]) == GOOD
    checked = curp.check("boxw 310820-hnerxn.09")
    assert (checked.value, checked.errors, checked.warnings) == (GOOD, (), ())


@pytest.mark.parametrize("text", [GOOD[:17], GOOD + "0", ""])
def test_length(text: str) -> None:
    assert codes(curp.check(text).errors) == ["curp_length"]


@pytest.mark.parametrize("letter", "Ñ&_")
def test_characters(letter: str) -> None:
    assert codes(curp.check(letter + GOOD[1:]).errors) == ["curp_characters"]


@pytest.mark.parametrize("text", ["1" + GOOD[1:], GOOD[:17] + "A", GOOD[:5] + "A" + GOOD[6:]])
def test_format(text: str) -> None:
    assert codes(curp.check(text).errors) == ["curp_format"]


@pytest.mark.parametrize("date", ["311320", "310230", "310800"])
def test_date(date: str) -> None:
    assert codes(curp.check(f"BOXW{date}HNERXN09").errors) == ["curp_date"]


def test_the_seventeenth_character_tells_the_century() -> None:
    assert codes(curp.check("BOXW000229HNERXN09").errors) == ["curp_date"]
    assert curp.check("BOXW000229HNERXNA9").ok


def test_sex() -> None:
    assert codes(curp.check("BOXW310820ANERXN09").errors) == ["curp_sex"]


@pytest.mark.parametrize("sex", "HMX")
def test_each_sex_is_good(sex: str) -> None:
    checked = curp.check(with_digit(f"BOXW310820{sex}NERXN0"))
    assert (checked.errors, checked.warnings) == ((), ())


def test_state() -> None:
    assert codes(curp.check("BOXW310820HXXRXN09").errors) == ["curp_state"]


def test_wrong_parts_are_told_at_once() -> None:
    checked = curp.check("BOXW311320AXXRXN09")
    assert codes(checked.errors) == ["curp_date", "curp_sex", "curp_state"]


def test_check_digit_is_only_a_warning() -> None:
    checked = curp.check("BOXW310820HNERXN08")
    assert checked.ok
    assert codes(checked.warnings) == ["curp_check_digit"]
    assert str(checked.warnings[0]) == "The last digit of this CURP is 8; the rule asks for 9."


def test_word() -> None:
    checked = curp.check(with_digit("CACO310820HNERXN0"))
    assert checked.ok
    assert codes(checked.warnings) == ["curp_word"]
