"""Every stable problem code with its meaning, read from the code that raises it.

A refusal is written `Refused("code", _("sentence"))` in any app of the product. The page of codes
finds these calls in the sources, so that it can neither miss one nor keep a dead one.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib import import_module
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from rest_framework.exceptions import APIException
from rest_framework.permissions import BasePermission

from trustedtruck.core import errors

# The status of each class of refusal; other subclasses of DomainError take their base's.
STATUSES = {
    "DomainError": HTTPStatus.UNPROCESSABLE_ENTITY,
    "Refused": HTTPStatus.CONFLICT,
    "NotFound": HTTPStatus.NOT_FOUND,
    "Unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}
_WRITERS = {"problem", "problem_response"}


@dataclass(frozen=True, order=True)
class ProblemCode:
    """`text` is the English sentence, the key to its translation."""

    code: str
    status: int
    text: str


@dataclass(frozen=True)
class Unreadable:
    """A refusal whose code is not written where it is raised: the page could not name it."""

    place: str


@cache
def problem_codes() -> tuple[ProblemCode, ...]:
    """All codes in alphabetical order, one entry for each code and sentence of ours."""
    ours = {item for item in scan() if isinstance(item, ProblemCode)}
    known = {item.code for item in ours}
    theirs = {item for item in _framework() if item.code not in known}
    return tuple(sorted(ours | theirs))


def meanings() -> list[str]:
    """The sentences of our own codes, for the catalogue of texts."""
    return [item.text for item in scan() if isinstance(item, ProblemCode)]


def scan() -> Iterator[ProblemCode | Unreadable]:
    """What the sources of the product's own apps refuse with."""
    for config in apps.get_app_configs():
        root = Path(config.path)
        if root.is_relative_to(settings.BASE_DIR):
            for path in sorted(root.rglob("*.py")):
                if "migrations" not in path.parts and "site-packages" not in path.parts:
                    yield from scan_source(path.read_text(encoding="utf-8"), str(path))


def scan_source(source: str, place: str) -> Iterator[ProblemCode | Unreadable]:
    tree = ast.parse(source)
    families = _families(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and _family(node, families):
            for call in _super_calls(node):
                yield from _read(call, families[node.name], place, node)
        elif isinstance(node, ast.Call):
            name = _name(node.func)
            if name in STATUSES:
                yield from _read(node, STATUSES[name], place)
            elif name in _WRITERS:
                yield from _read_written(node)


def _families(tree: ast.Module) -> dict[str, int]:
    """The classes of this module that are refusals, with their status."""
    found: dict[str, int] = dict(STATUSES)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for base in node.bases:
                if _name(base) in found:
                    found[node.name] = found[_name(base)]
    return found


def _family(node: ast.ClassDef, families: dict[str, int]) -> bool:
    # The four classes themselves pass on what they are given.
    return node.name in families and not hasattr(errors, node.name)


def _super_calls(node: ast.ClassDef) -> Iterator[ast.Call]:
    for inner in ast.walk(node):
        if (
            isinstance(inner, ast.Call)
            and isinstance(inner.func, ast.Attribute)
            and inner.func.attr == "__init__"
            and isinstance(inner.func.value, ast.Call)
            and _name(inner.func.value.func) == "super"
        ):
            yield inner


def _read(
    call: ast.Call, status: int, place: str, owner: ast.ClassDef | None = None
) -> Iterator[ProblemCode | Unreadable]:
    values = call.args + [k.value for k in call.keywords if k.arg in ("code", "text")]
    given = [k.value for k in call.keywords if k.arg == "status"] + call.args[2:3]
    status = _status(given[0]) if given else status
    code = _literal(values[0]) if values else None
    text = _sentence(values[1]) if len(values) > 1 else None
    if code and owner and not text:
        # Each place that raises it brings its own sentence: the class says what they share.
        text = (ast.get_docstring(owner) or "").partition("\n\n")[0]
    if code and text:
        yield ProblemCode(code, status, text)
    elif owner and owner.name in settings.PROBLEM_TABLES:
        table = import_string(settings.PROBLEM_TABLES[owner.name])
        yield from (ProblemCode(key, status, _english(text)) for key, text in table.items())
    else:
        yield Unreadable(f"{place}:{call.lineno}")


def _read_written(call: ast.Call) -> Iterator[ProblemCode]:
    """`problem(400, "code", _("…"))`; a call that passes on what it was given names nothing."""
    if len(call.args) >= 3:
        code, text = _literal(call.args[1]), _sentence(call.args[2])
        if code and text:
            yield ProblemCode(code, _status(call.args[0]), text)


def _framework() -> Iterator[ProblemCode]:
    """What REST framework and our subclasses of its exceptions and permissions refuse with."""
    # A command has loaded no view yet, and a class that is not loaded is nobody's subclass.
    import_module(settings.ROOT_URLCONF)
    waiting = [*APIException.__subclasses__(), *BasePermission.__subclasses__()]
    while waiting:
        kind: type = waiting.pop()
        waiting += kind.__subclasses__()
        if issubclass(kind, APIException):
            yield ProblemCode(kind.default_code, kind.status_code, _english(kind.default_detail))
        elif code := getattr(kind, "code", None):
            yield ProblemCode(code, HTTPStatus.FORBIDDEN, _english(getattr(kind, "message", "")))


def _english(text: object) -> str:
    """The key of a lazy text: what stands in the source, whatever language is active."""
    if isinstance(text, Promise):
        return str(text._args[0])  # type: ignore[attr-defined]
    return str(text)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _sentence(node: ast.expr) -> str | None:
    """`_("…")`, with or without `% {…}` behind it."""
    if isinstance(node, ast.BinOp):
        return _sentence(node.left)
    if isinstance(node, ast.Call) and node.args:
        return _literal(node.args[0])
    return _literal(node)


def _status(node: ast.expr) -> int:
    if isinstance(node, ast.Constant):
        return int(str(node.value))
    return HTTPStatus[_name(node)]
