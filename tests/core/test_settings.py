"""The settings stand in topics, and are one module to Django."""

import ast
from collections import Counter
from pathlib import Path

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


def test_django_sees_every_topic() -> None:
    always = {topic: sorted(set_in(topic))[0] for topic in TOPICS}
    assert [topic.stem for topic, name in always.items() if not hasattr(settings, name)] == []
