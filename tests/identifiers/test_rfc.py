import pytest

from tests.identifiers.support import codes
from trustedtruck.identifiers import rfc

# SAT's own table of values, in order: & is 24, O is 25, the blank is 37, Ñ is 38.
ALPHABET = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ"


@pytest.mark.parametrize(
    "text",
    [
        "GODE561231GR8",  # the example of SAT's procedure
        "MAB9307148T4",
        # From SAT's certificates for tests.
        "EKU9003173C9",
        "KIJ0906199R1",
        "XOJI740919U48",
        "FUNK671228PH6",
        "H&E951128469",
        "OÑO120726RX3",
        "IAÑL750210963",
    ],
)
def test_an_issued_rfc_has_the_right_check_digit(text: str) -> None:
    checked = rfc.check(text)
    assert (checked.errors, checked.warnings) == ((), ())


@pytest.mark.parametrize("letter", "ANOZ&Ñ")
def test_the_check_digit_is_that_of_the_published_table(letter: str) -> None:
    """& between N and O and Ñ last: with the alphabet of a dictionary O to Z would be one off."""
    twelve = f" {letter}BO010203AB"
    total = sum(ALPHABET.index(c) * (13 - i) for i, c in enumerate(twelve))
    right = "0123456789A"[(11 - total) % 11]
    for digit in "0123456789A":
        assert (rfc.check(twelve[1:] + digit).warnings == ()) is (digit == right)


def test_separators_and_case_do_not_matter() -> None:
    assert rfc.check("gode-561231 gr8").value == "GODE561231GR8"
    assert rfc.check("oño 120726.rx3").value == "OÑO120726RX3"


def test_an_n_with_a_combining_tilde_is_an_n_with_tilde() -> None:
    assert rfc.check("OÑO120726RX3".replace("Ñ", "N\u0303")).value == "OÑO120726RX3"
    assert rfc.check("oño120726rx3".replace("ñ", "n\u0303")).value == "OÑO120726RX3"


@pytest.mark.parametrize("text", ["GODE561231", "MAB9307148T", "GODE561231GR88", ""])
def test_length(text: str) -> None:
    assert codes(rfc.check(text).errors) == ["rfc_length"]


@pytest.mark.parametrize("text", ["GODÉ561231GR8", "GOD_561231GR8", "GODE56123１GR8"])
def test_characters(text: str) -> None:
    assert codes(rfc.check(text).errors) == ["rfc_characters"]


@pytest.mark.parametrize(
    "text",
    [
        "GOD1561231GR8",
        "GODE56A231GR8",
        "GODE561231GRB",
        "GODE561231Ñ18",
        "GODE561231&18",
        "MAB19307148T",
    ],
)
def test_format(text: str) -> None:
    assert codes(rfc.check(text).errors) == ["rfc_format"]


@pytest.mark.parametrize("text", ["GODE561331GR8", "GODE560231GR8", "MAB9300148T4", "MAB0102298T4"])
def test_date(text: str) -> None:
    assert codes(rfc.check(text).errors) == ["rfc_date"]


def test_the_leap_day_of_2000_is_a_date() -> None:
    assert rfc.check("GODE000229GR8").ok


def test_check_digit_is_only_a_warning() -> None:
    checked = rfc.check("VACE460910SX6")
    assert checked.ok
    assert codes(checked.warnings) == ["rfc_check_digit"]
    assert str(checked.warnings[0]) == "The last character of this RFC is 6; the rule asks for 5."


def test_word() -> None:
    checked = rfc.check("CACO561231GR8")
    assert checked.ok
    assert "rfc_word" in codes(checked.warnings)


@pytest.mark.parametrize("text", ["XAXX010101000", "XEXX010101000"])
def test_generic(text: str) -> None:
    checked = rfc.check(text)
    assert checked.ok
    assert codes(checked.warnings) == ["rfc_generic"]
