"""A measurement is written where the page has a place for it, and nowhere else."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from trustedtruck.core import bench_page
from trustedtruck.core.bench import Result
from trustedtruck.core.management.commands import bench

PAGE = """# Performance
<!-- bench credentials: begin -->
old
<!-- bench credentials: end -->
The end.
"""


@pytest.fixture
def page(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    for name in bench_page.PAGES:
        (tmp_path / name).touch()
    path = tmp_path / "docs" / "performance.md"
    path.write_text(PAGE)
    results = [Result("a", 12.5, "ms", 100, False, spread=(10, 20)), Result("b", 3, "times", 5)]
    monkeypatch.setattr(bench, "measured", lambda part: results)
    return path


def test_the_table_takes_the_place_of_the_last_one(page: Path) -> None:
    with pytest.raises(CommandError, match="b"):
        call_command("bench", "credentials", "--write")
    text = page.read_text()
    assert "old" not in text
    assert "| a | 12.5 | ms | 10 to 20 | at most 100: met |" in text
    assert "| b | 3 | times | 3 to 3 | at least 5: **missed** |" in text
    assert text.endswith("<!-- bench credentials: end -->\nThe end.\n")


def test_without_a_place_nothing_is_measured(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "measured", lambda part: pytest.fail("measured"))
    with pytest.raises(CommandError, match="no page has a place"):
        call_command("bench", "alerts", "--write")
    assert page.read_text() == PAGE
