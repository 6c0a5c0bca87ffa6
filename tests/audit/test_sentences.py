"""Every action that the code writes has a sentence, in both languages."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from trustedtruck.audit.models import Event
from trustedtruck.audit.presenters import changes, sentence
from trustedtruck.audit.sentences import KINDS, SENTENCES

_ACTION = re.compile(r"[a-z]+(?:_[a-z]+)*\.[a-z]+(?:_[a-z]+)*")
_IN_SQL = re.compile(r"'([a-z_]+\.[a-z_]+)'")


def _writers() -> dict[str, str]:
    """Action -> file, for every literal handed to a function that records, or to a Transition."""
    found: dict[str, str] = {}
    for root in ("trustedtruck", "lanes"):
        for path in (settings.BASE_DIR / root).rglob("*.py"):
            for action in _actions(path):
                found.setdefault(action, str(path))
    return found


def _actions(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            name = getattr(node.func, "id", name)
            if "record" in name or name == "Transition":
                found |= {a for argument in node.args for a in _literals(argument)}
        elif isinstance(node, ast.Constant) and "INSERT INTO audit_event" in str(node.value):
            found |= set(_IN_SQL.findall(str(node.value)))
    return found


def _literals(node: ast.expr) -> set[str]:
    return {
        inner.value
        for inner in ast.walk(node)
        if isinstance(inner, ast.Constant)
        and isinstance(inner.value, str)
        and _ACTION.fullmatch(inner.value)
    }


def test_every_action_has_a_sentence() -> None:
    writers = _writers()
    assert len(writers) > 60
    assert {a: f for a, f in writers.items() if a not in SENTENCES} == {}


def test_every_kind_of_subject_has_a_word() -> None:
    found = {
        word.value.value
        for root in ("trustedtruck", "lanes")
        for path in (settings.BASE_DIR / root).rglob("*.py")
        for word in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(word, ast.keyword) and word.arg == "subject_kind"
        if isinstance(word.value, ast.Constant)
    }
    assert len(found) > 30
    assert found - KINDS.keys() == set()


@pytest.mark.parametrize("action", sorted(SENTENCES))
def test_every_sentence_can_be_said(action: str) -> None:
    event = Event(action=action, actor_kind="user", actor_id="7", actor_label="Olga", data={})
    english = sentence(event)
    with translation.override("es"):
        spanish = sentence(event)
    assert english != spanish
    assert "%" not in english + spanish


def test_a_sentence_says_who_for_whom_and_what() -> None:
    event = Event(
        action="lane.state_changed",
        actor_kind="user",
        actor_id="7",
        actor_label="Olga",
        on_behalf_of="Omar",
        subject_kind="lane",
        subject_id="3",
        data={"lane": "03", "before": "open", "after": "closed"},
    )
    assert sentence(event) == "Olga, on behalf of Omar, set lane 03 from open to closed."
    assert list(changes(event)) == [("lane", "open", "closed")]


def test_an_unknown_action_is_still_shown() -> None:
    event = Event(action="moon.landed", actor_kind="system", actor_id="demo", subject_kind="moon")
    assert "moon.landed" in sentence(event)


def test_before_and_after_are_compared_value_by_value() -> None:
    event = Event(
        action="lane.changed",
        subject_kind="lane",
        data={
            "before": {"route": "fast", "load": "any"},
            "after": {"route": "inspection", "load": "any"},
        },
    )
    assert list(changes(event)) == [("route", "the fast lane", "inspection")]


def test_instants_and_points_are_told_as_people_write_them() -> None:
    event = Event(
        action="policy.approved",
        actor_kind="user",
        actor_label="Pia",
        data={"version": 2, "effective_from": "2026-11-27T13:33:01.113041+00:00"},
    )
    assert "in force from 2026-11-27 13:33 UTC" in sentence(event)
    passed = Event(action="arrival.passed", actor_kind="user", actor_label="Pia")
    passed.data = {"point": "primary"}
    assert "“first booth”" in sentence(passed)
