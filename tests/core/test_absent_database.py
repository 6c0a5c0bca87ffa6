"""A command that finds no running installation says so, and how to start one."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import OperationalError

from tests.running import PROJECT, operator_environment
from trustedtruck.core.absent_database import reason_to_end
from trustedtruck.core.embedded.environment import write_environment

NOWHERE = "postgres://tt:secret@127.0.0.1:1/trucks"


def typed(home: Path, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=PROJECT,
        env=operator_environment(home, 1, **environment),
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("command", ["bench alerts", "replay --from 2026-01-01 --to 2026-01-02"])
def test_nothing_runs(tmp_path: Path, command: str) -> None:
    done = typed(tmp_path, *command.split())
    assert done.returncode == 1
    assert done.stderr == (
        f"Nothing runs on {tmp_path}: `make run` first, or name the database with DATABASE_URL.\n"
    )


def test_what_a_killed_installation_left_written_down_is_no_database(tmp_path: Path) -> None:
    write_environment(tmp_path, {"DATABASE_URL": NOWHERE})
    done = typed(tmp_path, "verify_audit")
    assert (done.returncode, done.stderr[:15]) == (1, "Nothing runs on")


def test_a_database_that_the_operator_named_is_named(tmp_path: Path) -> None:
    done = typed(tmp_path, "verify_audit", DATABASE_URL=NOWHERE)
    assert done.returncode == 1
    assert done.stderr.startswith("The database trucks at 127.0.0.1:1 does not answer (")
    assert "Connection refused" in done.stderr
    assert done.stderr.endswith("DATABASE_URL names it.\n")
    assert "secret" not in done.stderr
    assert "Traceback" not in done.stderr


def test_trucks_have_no_demonstration_to_come_to(tmp_path: Path) -> None:
    for command in ("drive", "traffic"):
        done = typed(tmp_path, command)
        assert done.returncode == 1
        assert done.stderr == (
            f"CommandError: No demonstration is on {tmp_path}: `make run` first.\n"
        )


@pytest.mark.django_db
def test_an_error_of_a_database_that_answers_is_not_taken_for_absence() -> None:
    assert reason_to_end(OperationalError("canceling statement due to lock timeout")) == ""
