"""The settings stand in topics, and are one module to Django."""

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.running import PROJECT, operator_environment
from trustedtruck import settings

TOPICS = [path for path in Path(settings.__file__).parent.glob("*.py") if path.stem != "__init__"]


def set_in(topic: Path) -> set[str]:
    """The names of settings that a topic sets, in a condition or not."""
    return {
        node.id
        for node in ast.walk(ast.parse(topic.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id.isupper()
        if not node.id.startswith("_")
    }


def test_no_topic_sets_what_another_one_sets() -> None:
    found = Counter(name for topic in TOPICS for name in set_in(topic))
    assert len(found) > 100
    assert [name for name, times in found.items() if times > 1] == []


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("LANES_BATCH", "many", "LANES_BATCH='many' cannot be read"),
        ("INSPECTIONS_BASELINE_WAIT_MIN", "{", "INSPECTIONS_BASELINE_WAIT_MIN='{' cannot be read"),
        ("LANES_SHIFT_HOURS", "5", "LANES_SHIFT_HOURS=5 does not divide the day"),
        ("LANES_SHIFT_HOURS", "0", "LANES_SHIFT_HOURS=0 does not divide the day"),
        ("DATABASE_URL", "postgres://tt:secret@here:x/y", "DATABASE_URL is no address"),
    ],
)
def test_a_variable_that_cannot_be_read_is_named(
    tmp_path: Path, variable: str, value: str, said: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import trustedtruck.settings"],
        cwd=PROJECT,
        env=operator_environment(tmp_path, 1, **{variable: value}),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(said)
    assert "secret" not in done.stderr
    assert "Traceback" not in done.stderr


def test_django_sees_every_topic() -> None:
    always = {topic: sorted(set_in(topic))[0] for topic in TOPICS}
    assert [topic.stem for topic, name in always.items() if not hasattr(settings, name)] == []
