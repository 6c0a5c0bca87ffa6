"""What no linter asks of the sources, the settings of a production, and what it is made of."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import PROJECT, operator_environment

SOURCES = [
    path
    for root in ("trustedtruck", "lanes")
    for path in sorted((PROJECT / root).rglob("*.py"))
    if "migrations" not in path.parts
]
# Calls that wait for somebody else, and the word that bounds the waiting.
WAITING = {
    "urlopen": {"timeout"},
    "HTTPConnection": {"timeout"},
    "HTTPSConnection": {"timeout"},
    "from_url": {"socket_timeout"},
}
# Where text becomes HTML without being escaped, with the reason at the line.
MARKED_SAFE = {"trustedtruck/console/planning/results.py"}
# Help texts are ours: forms declare them, nobody enters them.
SAFE_IN_TEMPLATES = {"parts/field.html"}


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", "")), node


def unbounded(source: str) -> list[int]:
    """Lines on which somebody else is waited for without an end."""
    return [
        call.lineno
        for name, call in calls(ast.parse(source))
        if name in WAITING and not WAITING[name] & {word.arg for word in call.keywords}
    ]


def interpolated(source: str) -> list[int]:
    """Lines on which a value, not a constant of ours, is written into the SQL that is executed."""
    found = []
    for name, call in calls(ast.parse(source)):
        if name not in ("execute", "executemany", "raw") or not call.args:
            continue
        sql = call.args[0]
        built = isinstance(sql, ast.BinOp) and not isinstance(sql.op, ast.Add)
        formatted = isinstance(sql, ast.Call) and getattr(sql.func, "attr", "") == "format"
        composed = formatted and "sql.SQL" in ast.unparse(sql)
        if built or (formatted and not composed):
            found.append(call.lineno)
        elif isinstance(sql, ast.JoinedStr):
            values = [part for part in sql.values if isinstance(part, ast.FormattedValue)]
            if not all(_is_ours(part.value) for part in values):
                found.append(call.lineno)
    return found


def _is_ours(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id.lstrip("_").isupper()


def places(found: dict[str, list[int]]) -> dict[str, list[int]]:
    return {place: lines for place, lines in found.items() if lines}


def sources() -> Iterator[tuple[str, str]]:
    for path in SOURCES:
        yield path.relative_to(PROJECT).as_posix(), path.read_text(encoding="utf-8")


def test_nobody_waits_for_others_without_an_end() -> None:
    assert places({name: unbounded(text) for name, text in sources()}) == {}
    assert unbounded("urlopen(address)") == [1]


def test_no_value_is_written_into_sql() -> None:
    found = places({name: interpolated(text) for name, text in sources()})
    # Names of tables and columns from our own code, with the reason at the line.
    assert set(found) == {
        "lanes/benchmarks/filling.py",
        "lanes/edge/services/apply.py",
        "lanes/queries/work.py",
        "lanes/services/archive.py",
        "trustedtruck/audit/tail.py",
        "trustedtruck/console/benchmarks/search.py",
        "trustedtruck/core/sealed.py",
        "trustedtruck/portal/queries/overview.py",
    }
    for bad in (
        'cursor.execute(f"SELECT {name}")',
        'cursor.execute("SELECT %s" % name)',
        'cursor.execute("SELECT {}".format(name))',
    ):
        assert interpolated(bad) == [1]
    assert interpolated('cursor.execute(f"SELECT {_COLUMNS} WHERE id = %s", [pk])') == []


def test_nothing_becomes_html_unescaped() -> None:
    marked = {
        name
        for name, text in sources()
        for called, _call in calls(ast.parse(text))
        if called in ("mark_safe", "SafeString", "SafeText")
    }
    assert marked == MARKED_SAFE
    templates = PROJECT / "templates"
    open_ones = {
        path.relative_to(templates).as_posix()
        for path in templates.rglob("*.html")
        if re.search(r"\|\s*safe\b|safeseq|autoescape\s+off", path.read_text(encoding="utf-8"))
    }
    assert open_ones == SAFE_IN_TEMPLATES


def check_deploy(home: Path, address: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=PROJECT,
        env=operator_environment(home, 8000, BASE_URL=address, SECRET_KEY="k" * 25 + "Zq7-_" * 8),
        capture_output=True,
        text=True,
    )


def test_a_production_passes_djangos_own_checks(tmp_path: Path) -> None:
    """One warning is answered in the settings: TLS ends before us (docs/security.md)."""
    done = check_deploy(tmp_path, "https://port.example")
    assert done.returncode == 0, done.stderr
    refused = check_deploy(tmp_path, "http://port.example")
    assert "SESSION_COOKIE_SECURE" in refused.stderr


def test_the_bill_of_materials_names_every_pin(tmp_path: Path) -> None:
    written = tmp_path / "sbom.json"
    subprocess.run(
        [
            *(Path(sys.executable).parent / "cyclonedx-py", "environment", "--no-validate"),
            *("--pyproject", "pyproject.toml", "--output-file", written, sys.executable),
        ],
        cwd=PROJECT,
        check=True,
        capture_output=True,
    )
    bill = json.loads(written.read_text())
    assert bill["metadata"]["component"]["name"] == "trustedtruck"
    named = {_plain(part["name"]): part["version"] for part in bill["components"]}
    pins = {}
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        for line in (PROJECT / name).read_text().splitlines():
            if found := re.fullmatch(r"([\w.-]+)(?:\[[\w,]+\])?==(\S+)", line.strip()):
                pins[_plain(found[1])] = found[2]
    assert len(pins) > 150
    assert {name: named.get(name) for name in pins} == pins


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.django_db
def test_the_description_of_the_api_has_no_open_ends() -> None:
    """drf-spectacular warns of what it had to guess: names of enums, unknown ways to sign in."""
    from drf_spectacular.drainage import GENERATOR_STATS

    from trustedtruck.core.openapi import description

    with GENERATOR_STATS.silence():
        description()
        said = [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]
    assert said == []
