import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.identifiers.support import codes
from trustedtruck.identifiers import shipment_control_number

SHORTEST = "ABCD1234"
LONGEST = "ABCD123456789012"


@pytest.mark.parametrize("text", [SHORTEST, LONGEST, "abcd 12-34"])
def test_a_scac_and_4_to_12_letters_and_digits_are_good(text: str) -> None:
    assert shipment_control_number.check(text).ok


@pytest.mark.parametrize("text", [SHORTEST[:-1], LONGEST + "2", ""])
def test_length(text: str) -> None:
    assert codes(shipment_control_number.check(text).errors) == ["shipment_control_number_length"]


@pytest.mark.parametrize("text", ["ABCD123_", "ABCD123Ñ"])
def test_characters(text: str) -> None:
    assert codes(shipment_control_number.check(text).errors) == [
        "shipment_control_number_characters"
    ]


def test_scac() -> None:
    assert codes(shipment_control_number.check("ABC12345").errors) == [
        "shipment_control_number_scac"
    ]


def test_its_own_carrier_is_good() -> None:
    assert shipment_control_number.check(SHORTEST, scac="abcd").ok


def test_other_scac() -> None:
    checked = shipment_control_number.check(SHORTEST, scac="WXYZ")
    assert codes(checked.errors) == ["shipment_control_number_other_scac"]
    assert str(checked.errors[0]) == "This number begins with ABCD, not the carrier's WXYZ."


@given(st.text("ABZ019az_Ñ", max_size=20))
@settings(deadline=None)
def test_it_agrees_with_the_published_pattern(text: str) -> None:
    published = re.fullmatch(r"[A-Z]{4}[A-Z0-9]{4,12}", text.replace("a", "A").replace("z", "Z"))
    assert shipment_control_number.check(text).ok is (published is not None)
