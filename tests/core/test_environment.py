"""A command in another terminal finds the running installation."""

import json
import subprocess
import sys
from pathlib import Path

from tests.core.running import PROJECT, operator_environment
from trustedtruck.core.embedded.environment import write_environment

ASK = """
import json, os
from trustedtruck.core.embedded.environment import given_environment, load_environment
load_environment()
print(json.dumps([os.environ.get("DATABASE_URL"), given_environment().get("DATABASE_URL")]))
"""


def _ask(home: Path, **environment: str) -> list[str | None]:
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env=operator_environment(home, 1, **environment),
        cwd=PROJECT,
        check=True,
        capture_output=True,
    )
    answer: list[str | None] = json.loads(done.stdout)
    return answer


def test_nothing_runs(tmp_path: Path) -> None:
    assert _ask(tmp_path) == [None, None]


def test_the_running_installation_is_used_but_not_taken_for_the_operators(tmp_path: Path) -> None:
    write_environment(tmp_path, {"DATABASE_URL": "postgres://running", "PATH": "not ours"})
    assert "PATH" not in (tmp_path / "environment.json").read_text()
    assert _ask(tmp_path) == ["postgres://running", None]


def test_the_operators_server_comes_first(tmp_path: Path) -> None:
    write_environment(tmp_path, {"DATABASE_URL": "postgres://running"})
    assert _ask(tmp_path, DATABASE_URL="postgres://mine") == ["postgres://mine"] * 2


def test_a_damaged_file_changes_nothing(tmp_path: Path) -> None:
    for damaged in ("{", "[]", '{"DATABASE_URL": 3}'):
        (tmp_path / "environment.json").write_text(damaged)
        assert _ask(tmp_path) == [None, None]
