"""`docs/rules.md` is what the rules say."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from lanes.management.commands import rules_page
from lanes.rules import RULES
from lanes.rules.sampling import SAMPLING


def test_the_page_is_up_to_date() -> None:
    call_command("rules_page", "--check", stdout=io.StringIO())


def test_every_rule_is_on_it_with_its_sentence_in_both_languages() -> None:
    text = rules_page.page()
    entries = [(r.code, r.text) for r in RULES] + [(r.code, r.text) for r in SAMPLING]
    for code, sentence in entries:
        assert f"### `{code}`\n{sentence} *" in text
        assert f"*{sentence}*" not in text


def test_a_stale_page_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = tmp_path / "rules.md"
    monkeypatch.setattr(rules_page.Command, "path", str(stale))
    with pytest.raises(CommandError):
        call_command("rules_page", "--check", stdout=io.StringIO())
    call_command("rules_page", stdout=io.StringIO())
    call_command("rules_page", "--check", stdout=io.StringIO())
    stale.write_text(stale.read_text().replace("certified", "certificated"))
    with pytest.raises(CommandError):
        call_command("rules_page", "--check", stdout=io.StringIO())
