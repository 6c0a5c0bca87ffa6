"""What holds for every table and every state of the product."""

from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.utils import translation

from trustedtruck.core.management.commands.diagrams import tables
from trustedtruck.core.transitions import Table, TransitionRefused


def test_the_diagrams_of_the_docs_are_what_the_tables_say() -> None:
    call_command("diagrams", "--check")


@pytest.mark.parametrize("table", [t for _app, _name, t in tables()], ids=lambda t: str(t.subject))
def test_a_table_names_each_change_with_an_event_of_its_own(table: Table) -> None:
    actions = [t.action for t in table]
    assert len(actions) == len(set(actions))
    assert all(t.owner for t in table)


@pytest.mark.parametrize("table", [t for _app, _name, t in tables()], ids=lambda t: str(t.subject))
def test_a_refused_change_is_told_in_the_readers_language(table: Table) -> None:
    """A machine gets the codes beside the sentence; nobody has to read them in it."""
    with translation.override("es"):
        for change in table:
            for state in {other.target for other in table} - change.sources:
                with pytest.raises(TransitionRefused) as refused:
                    table.check(change.name, str(state))
                assert refused.value.extra == {"state": str(state), "transition": change.name}
                assert f"«{getattr(state, 'label', '')}»" in str(refused.value.text)
                assert f"«{change.text}»" in str(refused.value.text)


def _pairs() -> list[Any]:
    found = []
    for model in apps.get_models():
        if not model.__module__.startswith(("trustedtruck", "lanes")):
            continue
        names = {field.name: field for field in model._meta.get_fields()}
        for name, field in names.items():
            stem = name.removesuffix("_by")
            if stem == name or f"{stem}_at" not in names:
                continue
            if isinstance(field, models.CharField) and field.blank:
                found.append(pytest.param(model, stem, id=f"{model.__name__}.{stem}"))
    return found


@pytest.mark.parametrize(("model", "stem"), _pairs())
def test_who_and_when_are_held_together_by_the_database(
    model: type[models.Model], stem: str
) -> None:
    conditions = [
        str(c.condition) for c in model._meta.constraints if isinstance(c, models.CheckConstraint)
    ]
    assert any(f"{stem}_by" in text and f"{stem}_at__isnull" in text for text in conditions)
