import pytest

from tests.identifiers.support import codes
from trustedtruck.identifiers import hs


@pytest.mark.parametrize("text", ["070200", "07020000", "0702000035"])
def test_six_eight_and_ten_digits_are_good(text: str) -> None:
    checked = hs.check(text)
    assert (checked.errors, checked.warnings) == ((), ())


def test_the_dots_of_the_printed_tariff_fall_away() -> None:
    assert hs.check("0702.00.00.35").value == "0702000035"


def test_the_first_six_are_international() -> None:
    assert hs.international("0702000035") == "070200"


@pytest.mark.parametrize("text", ["07020", "07020000351", ""])
def test_length(text: str) -> None:
    assert codes(hs.check(text).errors) == ["hs_length"]


@pytest.mark.parametrize("text", ["07020A", "07020²"])
def test_characters(text: str) -> None:
    assert codes(hs.check(text).errors) == ["hs_characters"]


@pytest.mark.parametrize("text", ["0702000", "070200003"])
def test_odd_length(text: str) -> None:
    checked = hs.check(text)
    assert checked.ok
    assert codes(checked.warnings) == ["hs_odd_length"]
