import pytest

from tests.identifiers.support import codes
from trustedtruck.identifiers import jurisdiction


@pytest.mark.parametrize("text", ["TX", "DC", "PR", "ON", "TAM", "NLE", "CMX", "DIF", "tx"])
def test_a_state_or_province_of_the_three_countries_is_good(text: str) -> None:
    checked = jurisdiction.check(text)
    assert (checked.errors, checked.warnings) == ((), ())


def test_the_lists_are_whole() -> None:
    assert len(jurisdiction.UNITED_STATES) == 50 + 1 + 5
    assert len(jurisdiction.CANADA) == 13
    assert len(jurisdiction.MEXICO) == 32 + 1


def test_no_code_is_of_two_countries() -> None:
    lists = (jurisdiction.UNITED_STATES, jurisdiction.CANADA, jurisdiction.MEXICO)
    assert sum(map(len, lists)) == len(jurisdiction.KNOWN)


@pytest.mark.parametrize("text", ["T", "TAMS", ""])
def test_length(text: str) -> None:
    assert codes(jurisdiction.check(text).errors) == ["jurisdiction_length"]


@pytest.mark.parametrize("text", ["T1", "TÑ"])
def test_characters(text: str) -> None:
    assert codes(jurisdiction.check(text).errors) == ["jurisdiction_characters"]


@pytest.mark.parametrize("text", ["GT", "ZZ", "GTO"])
def test_unknown(text: str) -> None:
    checked = jurisdiction.check(text)
    assert checked.ok
    assert codes(checked.warnings) == ["jurisdiction_unknown"]
