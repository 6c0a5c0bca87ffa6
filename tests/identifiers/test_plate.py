import pytest

from tests.identifiers.support import codes
from trustedtruck.identifiers import plate


@pytest.mark.parametrize("text", ["A", "1AB2345", "1234567890"])
def test_one_to_ten_letters_and_digits_are_good(text: str) -> None:
    assert plate.check(text).ok


def test_what_cameras_and_clerks_disagree_on_falls_away() -> None:
    assert plate.check("1ab-23.4 5").value == "1AB2345"


@pytest.mark.parametrize("text", ["12345678901", "", " - "])
def test_length(text: str) -> None:
    assert codes(plate.check(text).errors) == ["plate_length"]


@pytest.mark.parametrize("text", ["AB٣1", "ABÑ1", "AB_1", "АВ1"])
def test_characters(text: str) -> None:
    assert codes(plate.check(text).errors) == ["plate_characters"]


def test_with_a_known_jurisdiction_nothing_is_added() -> None:
    checked = plate.check("1AB2345", "tx")
    assert (checked.value, checked.errors, checked.warnings) == ("1AB2345", (), ())


def test_a_foreign_plate_is_a_warning() -> None:
    checked = plate.check("C123BBB", "GT")
    assert checked.ok
    assert codes(checked.warnings) == ["jurisdiction_unknown"]


def test_errors_of_number_and_jurisdiction_are_told_at_once() -> None:
    checked = plate.check("AB_1", "T1234")
    assert codes(checked.errors) == [
        "plate_characters",
        "jurisdiction_length",
        "jurisdiction_characters",
    ]
