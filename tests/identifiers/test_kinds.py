"""What holds for every family."""

import importlib
import subprocess
import sys

import pytest
from hypothesis import given, settings

from tests.identifiers.support import GOOD, HOSTILE, LOOKALIKES, texts
from trustedtruck.identifiers.kinds import KINDS

each_kind = pytest.mark.parametrize("kind", sorted(KINDS))
few = settings(max_examples=60, deadline=None)


def _normalise(kind: str, text: str) -> str:
    module = importlib.import_module(f"trustedtruck.identifiers.{kind}")
    value = module.normalise(text)
    assert isinstance(value, str)
    return value


def test_no_lookalike_is_ascii() -> None:
    assert not any(character.isascii() for character in LOOKALIKES)


def test_each_family_has_a_good_sample() -> None:
    assert sorted(KINDS) == sorted(GOOD)


@each_kind
def test_the_good_sample_is_good_and_in_normal_form(kind: str) -> None:
    checked = KINDS[kind](GOOD[kind])
    assert checked.ok
    assert checked.value == GOOD[kind]


@each_kind
def test_lower_case_and_blanks_around_do_not_matter(kind: str) -> None:
    assert KINDS[kind](f"\t {GOOD[kind].lower()} \r\n").value == GOOD[kind]


@each_kind
def test_the_empty_text_is_an_error(kind: str) -> None:
    assert not KINDS[kind]("").ok


@each_kind
def test_a_lookalike_of_an_ascii_character_is_refused(kind: str) -> None:
    """Refused, not taken for the character that it resembles."""
    good = GOOD[kind]
    for character in HOSTILE:
        for place in (1, len(good) // 2, len(good) - 1):
            swapped = good[:place] + character + good[place + 1 :]
            assert not KINDS[kind](swapped).ok or character in "\t\r\n", (swapped, character)


@each_kind
def test_full_width_writing_is_refused(kind: str) -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in GOOD[kind])
    assert not KINDS[kind](wide).ok


@each_kind
def test_a_line_end_inside_is_refused(kind: str) -> None:
    assert not KINDS[kind](GOOD[kind][:2] + "\n" + GOOD[kind][2:]).ok


@each_kind
def test_a_very_long_text_is_answered_at_once(kind: str) -> None:
    if kind == "tax_id":  # of a country whose rule nobody told us
        return
    assert not KINDS[kind]("9" * 1_000_000).ok


@each_kind
@given(text=texts())
@few
def test_check_answers_any_text(kind: str, text: str) -> None:
    checked = KINDS[kind](text)
    for finding in (*checked.errors, *checked.warnings):
        assert str(finding)


@each_kind
@given(text=texts())
@few
def test_normalising_twice_changes_nothing_more(kind: str, text: str) -> None:
    assert _normalise(kind, _normalise(kind, text)) == _normalise(kind, text)


@each_kind
@given(text=texts())
@few
def test_the_value_of_a_check_is_the_normal_form_and_checks_alike(kind: str, text: str) -> None:
    checked = KINDS[kind](text)
    assert checked.value == _normalise(kind, text)
    assert KINDS[kind](checked.value) == checked


@each_kind
@given(text=texts())
@few
def test_what_passes_is_ascii(kind: str, text: str) -> None:
    checked = KINDS[kind](text)
    if checked.ok:
        assert checked.value.replace("Ñ", "N" if kind == "rfc" else "Ñ").isascii()


def test_the_package_needs_no_framework() -> None:
    code = (
        "import sys, trustedtruck.identifiers.kinds;"
        "print([m for m in ('django', 'celery', 'redis', 'psycopg') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
