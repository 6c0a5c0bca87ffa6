"""An alert as it is written, and what is wrong with it: every wrong field at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from trustedtruck.alerts import kinds
from trustedtruck.alerts.kinds import Kind, Value
from trustedtruck.alerts.marks import Mark
from trustedtruck.alerts.models import Category, Severity
from trustedtruck.core.errors import FieldError, Invalid, Text

MAX_CRITERIA, MAX_CLAUSES = 60, 20
REASON, INSTRUCTION = 4000, 2000


class Wanted(NamedTuple):
    """One criterion as somebody wrote it."""

    clause: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What an alert says. `valid_until` is exclusive; None is open."""

    category: str
    severity: str
    mark: str
    reason: str
    instruction: str
    valid_from: datetime
    valid_until: datetime | None
    review_date: date
    criteria: tuple[Wanted, ...]


def checked(draft: Draft) -> list[tuple[int, Value]]:
    """The criteria in their normal forms, by clause. Raises `Invalid` with every wrong field."""
    errors = list(_wrong(draft))
    found: dict[tuple[int, Value], None] = {}
    for n, wanted in enumerate(draft.criteria):
        if wanted.kind not in Kind.values:
            text = gettext("An alert cannot be on this.")
            errors.append(FieldError(f"criteria.{n}.kind", "invalid_choice", text))
            continue
        value = kinds.check(wanted.kind, wanted.text)
        errors += [
            FieldError(f"criteria.{n}.value", e.code, gettext(e.text) % dict(e.params))
            for e in value.errors
        ]
        found[wanted.clause, Value(wanted.kind, value.value)] = None
    if errors:
        raise Invalid(tuple(errors), _("Some fields are wrong."))
    return list(found)


def _wrong(draft: Draft) -> Iterable[FieldError]:
    for name, choices in (("category", Category), ("severity", Severity), ("mark", Mark)):
        if getattr(draft, name) not in choices.values:
            yield FieldError(name, "invalid_choice", _("Choose one of the list."))
    for name, limit in (("reason", REASON), ("instruction", INSTRUCTION)):
        text = getattr(draft, name)
        if not text.strip():
            yield FieldError(name, "required", _("This field is required."))
        elif len(text) > limit:
            yield FieldError(name, "too_long", _("This text is too long."))
    if draft.valid_until is not None and draft.valid_until <= draft.valid_from:
        yield FieldError("valid_until", "ends_before", _("The end must lie after the beginning."))
    yield from _wrong_count(draft.criteria)


def _wrong_count(criteria: tuple[Wanted, ...]) -> Iterable[FieldError]:
    text: Text = ""
    if not criteria:
        text = _("Say what the alert is on: at least one criterion.")
    elif len(criteria) > MAX_CRITERIA or len({w.clause for w in criteria}) > MAX_CLAUSES:
        text = _("Too many criteria: make several alerts of them.")
    if text:
        yield FieldError("criteria", "count", text)
