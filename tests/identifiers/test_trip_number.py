import pytest

from tests.identifiers.support import codes
from trustedtruck.identifiers import trip_number

SHORTEST = "ABCD1234"
LONGEST = "ABCD123456789012345678901"


@pytest.mark.parametrize("text", [SHORTEST, LONGEST, "abcd 12-34"])
def test_a_scac_and_4_to_21_letters_and_digits_are_good(text: str) -> None:
    assert trip_number.check(text).ok


@pytest.mark.parametrize("text", [SHORTEST[:-1], LONGEST + "2", ""])
def test_length(text: str) -> None:
    assert codes(trip_number.check(text).errors) == ["trip_number_length"]


@pytest.mark.parametrize("text", ["ABCD123_", "ABCD123Ñ"])
def test_characters(text: str) -> None:
    assert codes(trip_number.check(text).errors) == ["trip_number_characters"]


def test_scac() -> None:
    assert codes(trip_number.check("ABC12345").errors) == ["trip_number_scac"]


def test_its_own_carrier_is_good() -> None:
    assert trip_number.check(SHORTEST, scac="abcd").ok


def test_other_scac() -> None:
    checked = trip_number.check(SHORTEST, scac="WXYZ")
    assert codes(checked.errors) == ["trip_number_other_scac"]
    assert str(checked.errors[0]) == "This number begins with ABCD, not the carrier's WXYZ."
