"""Every environment variable, from the places in the source that read it.

The words are the comment above that place.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from trustedtruck.core.reference.tables import page, table

_NAME = re.compile(r"[A-Z][A-Z0-9_…]+")
_READERS = {"env", "bool", "int", "float", "list", "json", "db_url"}
_KINDS = {"env": "text", "bool": "yes or no", "db_url": "address", "_number": "int"}
# Where a process starts, there are no settings yet.
_SOURCES = (
    "trustedtruck/settings/*.py",
    "trustedtruck/core/embedded/stack.py",
    "trustedtruck/core/embedded/gunicorn_hooks.py",
)


@dataclass(frozen=True, slots=True)
class Setting:
    """`words` is empty where the source says nothing: the page cannot be written then."""

    name: str
    kind: str
    default: str
    words: str


class Unexplained(ValueError):
    """A variable that the source reads without a word of what it does."""


def written() -> str:
    """The page; `Unexplained` names what has no words."""
    found = {setting.name: setting for setting in reversed(list(_all()))}
    silent = sorted(setting.name for setting in found.values() if not setting.words)
    if silent:
        raise Unexplained(f"no comment says what these are for: {', '.join(silent)}")
    rows = [
        (f"`{s.name}`", s.kind, f"`{s.default}`" if s.default else "", s.words)
        for s in sorted(found.values(), key=lambda setting: setting.name)
    ]
    return page(
        "Settings",
        "All are environment variables; none has to be set for `make run`.",
        table(("variable", "kind", "default", "what it does"), rows),
    )


def _all() -> Iterator[Setting]:
    for pattern in _SOURCES:
        for source in sorted(Path(settings.BASE_DIR).glob(pattern)):
            yield from read(source.read_text(encoding="utf-8"))


def read(source: str) -> Iterator[Setting]:
    """The variables that a module reads."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (found := _reading(node)):
            yield Setting(*found, _above(lines, node.lineno))


def _reading(call: ast.Call) -> tuple[str, str, str] | None:
    """Name, kind and default of `env("NAME", default=…)`, `env.int(…)` and the like."""
    reader = call.func.attr if isinstance(call.func, ast.Attribute) else _last(call.func)
    owner = _last(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    position = 1 if reader == "_number" else 0
    known = (owner in ("", "env") and reader in _READERS) or reader == "_number"
    known = known or (owner in ("env", "environ") and reader == "get")
    if not known or len(call.args) <= position:
        return None
    name = _text(call.args[position])
    if not _NAME.fullmatch(name):
        return None
    given = [k.value for k in call.keywords if k.arg == "default"] + call.args[position + 1 :][:1]
    default = _default(given[0]) if given else ""
    return name, _KINDS.get(reader, "text" if reader == "get" else reader), default


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _default(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    return ast.unparse(node)


def _last(node: ast.expr) -> str:
    """The last part of a dotted name."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _above(lines: list[str], number: int) -> str:
    """The comment that ends on the line before line `number`; a heading is none."""
    found: list[str] = []
    for line in reversed(lines[: number - 1]):
        text = line.strip()
        if not text.startswith("# ") or text.startswith("# ---"):
            break
        found.append(text[2:])
    return " ".join(reversed(found))
