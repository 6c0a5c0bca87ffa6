"""The reference and the pictures of the docs are what the code says."""

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from lanes import reasons
from trustedtruck.audit.sentences import SENTENCES
from trustedtruck.core.management.commands.reference import pages
from trustedtruck.core.pictures import house, way
from trustedtruck.core.problem_codes import problem_codes
from trustedtruck.core.reference import settings as variables


def test_the_reference_is_up_to_date() -> None:
    call_command("reference", "--check", stdout=io.StringIO())


def test_every_code_is_in_it() -> None:
    written = pages()
    for page, codes in {
        "reasons.md": reasons.TEXTS,
        "problems.md": [code.code for code in problem_codes()],
        "audit-actions.md": SENTENCES,
    }.items():
        text = written[f"docs/reference/{page}"]
        assert [code for code in codes if f"| `{code}` |" not in text] == []


def test_a_page_that_was_changed_by_hand_is_found_and_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = pages()
    monkeypatch.setattr("trustedtruck.core.management.commands.reference.pages", lambda: written)
    monkeypatch.setattr(settings, "BASE_DIR", tmp_path)
    call_command("reference", stdout=io.StringIO())
    changed = tmp_path / "docs/reference/settings.md"
    changed.write_text(changed.read_text().replace("`LANES_BATCH`", "`LANES_HEAP`"))
    with pytest.raises(
        CommandError, match=r"docs/reference/settings\.md; run manage\.py reference"
    ):
        call_command("reference", "--check", stdout=io.StringIO())
    call_command("reference", stdout=io.StringIO())
    call_command("reference", "--check", stdout=io.StringIO())


def test_a_variable_is_read_with_its_kind_default_and_words() -> None:
    source = """
# --- A heading -----
# What it is for,
# in two lines.
TRUCKS = Path(env.int("TRUCKS", default=3 * 4))
HORN = env("HORN", default="")
"""
    assert set(variables.read(source)) == {
        variables.Setting("TRUCKS", "int", "3 * 4", "What it is for, in two lines."),
        variables.Setting("HORN", "text", "", ""),
    }


def test_a_variable_that_nothing_explains_stops_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "silent.py").write_text('HORN = env.bool("HORN", default=False)\n')
    monkeypatch.setattr(settings, "BASE_DIR", tmp_path)
    monkeypatch.setattr(variables, "_SOURCES", ("silent.py",))
    with pytest.raises(variables.Unexplained, match="HORN"):
        variables.written()


def test_the_house_has_every_package_in_the_row_of_the_contract() -> None:
    assert house.rows()[1] == ["trustedtruck.portal", "trustedtruck.console"]
    assert house.rows()[-1] == ["trustedtruck.identifiers"]
    drawn = house.picture()
    assert [name for row in house.rows() for name in row if f">{name}<" not in drawn] == []


def test_a_package_that_does_not_say_what_it_is_for_stops_the_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "silent.py").write_text("")
    monkeypatch.setattr(settings, "BASE_DIR", tmp_path)
    with pytest.raises(ValueError, match="silent does not say"):
        house.purpose("silent")


def test_a_step_whose_code_is_gone_stops_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = (way.Step("gate", "web", "asks", "lanes.services.arrive.no_such_service"),)
    monkeypatch.setattr("lanes.way.WAY", gone)
    with pytest.raises(AttributeError, match="no_such_service"):
        way.picture()
