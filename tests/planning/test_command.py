"""`manage.py simulate` as a planner types it."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from lanes.planning import report
from lanes.planning.validation import Check


def _run(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("simulate", *arguments, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "scenario.json"
    path.write_text(json.dumps({
        "trucks": 300,
        "replications": 4,
        "shifts": [{"start": 7, "end": 24, "fast": 1, "standard": 1, "nii": 2, "docks": 6}],
    }))  # fmt: skip
    return path


def test_a_scenario_is_simulated_and_compared(scenario: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps(json.loads(scenario.read_text()) | {"growth": 0.5}))
    assert "4 days; waits in minutes" in _run(str(scenario))
    body = json.loads(_run(str(scenario), "--against", str(other), "--json"))
    assert body["days"] == 4
    assert body["difference"]["trucks"]["high"] < 0
    month = json.loads(_run("--month", "2020-04", "--days", "2", "--json"))
    assert month["scenario"]["trucks"] == 4061


@pytest.mark.parametrize(("text", "words"), [
    ("{", "cannot be read"),
    ('{"trucks": -1, "tiers": []}', "trucks: This is a number from 1 to 30,000."),
    ('{"trucks": -1, "tiers": []}', "tiers: Give a weight of 0 or more"),
    ("[]", "the scenario: Write this as an object"),
])  # fmt: skip
def test_what_is_wrong_with_a_scenario_is_said(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(text)
    with pytest.raises(CommandError, match="(?s).*" + words.replace("[", "\\[")):
        _run(str(path))


def test_wrong_options_are_said(scenario: Path, db: None) -> None:
    for arguments, words in (
        (["--month", "1999-01"], "no count for 1999-01"),
        (["--policy", "2304:9"], "there is no policy 2304:9"),
        ([str(scenario), "--suggest", "-1"], "positive number of minutes"),
        (["/nowhere.json"], "cannot be read"),
        (["--forecast", "0"], "1 to 60 months"),
    ):
        with pytest.raises(CommandError, match=words):
            _run(*arguments)


def test_the_forecast_writes_its_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(settings.BASE_DIR) / "docs/planning.md").read_text()
    (tmp_path / "docs").mkdir()
    copy = tmp_path / "docs" / "planning.md"
    copy.write_text(report.placed(page, "forecast", ""))
    monkeypatch.setattr(settings, "BASE_DIR", tmp_path)
    body = json.loads(_run("--forecast", "3", "--json"))
    assert [month["month"] for month in body["months"]] == [1, 2, 3]
    # What the docs show is what the command says today.
    assert copy.read_text() == page


def test_the_validation_in_the_docs_holds_everywhere() -> None:
    page = (Path(settings.BASE_DIR) / "docs/planning.md").read_text()
    table = page.partition("<!-- validation -->")[2].partition("<!-- /validation -->")[0]
    assert table.count("| holds |") >= 22
    assert "does not hold" not in table
    failed = report.validation([Check("x", "1", "2", False)])
    assert "**does not hold**" in failed
    with pytest.raises(ValueError, match="no place for other"):
        report.placed(page, "other", "")
