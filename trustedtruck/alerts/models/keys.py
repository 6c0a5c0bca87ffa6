"""Columns that are made from sealed ones whenever a row is written.

They are keyed hashes, of the installation that writes the row: what an edge is given has the names,
and is found there by keys of its own.
"""

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from trustedtruck.alerts.kinds import NAMES, Value, keys_of, keys_on
from trustedtruck.core.sealing import mark

if TYPE_CHECKING:
    _ArrayField = ArrayField[Any, Any]
    _BigIntegerField = models.BigIntegerField[Any, Any]
    _CharField = models.CharField[Any, Any]
else:
    _ArrayField, _BigIntegerField = ArrayField, models.BigIntegerField
    _CharField = models.CharField


class FilingKeysField(_ArrayField):
    """The keys to which the row's `values` answer."""

    def __init__(self, **options: Any) -> None:
        options |= {"base_field": models.CharField(max_length=160), "editable": False}
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        for ours in ("base_field", "editable"):
            options.pop(ours, None)
        return name, path, args, options

    def pre_save(self, model_instance: models.Model, add: bool) -> list[str]:
        values = getattr(model_instance, "values")  # noqa: B009 - of the models that have it
        keys = sorted(keys_of(Value(kind, value) for kind, value in values))
        setattr(model_instance, self.attname, keys)
        return keys


class TermKeyField(_CharField):
    """The key of a term: made from its first name where its kind is a name's, else as given."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        term: Any = model_instance
        if term.kind in NAMES:
            term.key = keys_on(Value(*term.names[0]))[term.slot]
        return str(term.key)


class ValueMarkField(_BigIntegerField):
    """Stands for the row's sealed `value`, so that the same is not kept twice."""

    def pre_save(self, model_instance: models.Model, add: bool) -> int:
        row: Any = model_instance
        row.value_mark = mark("criterion", f"{row.kind} {row.value}")
        return int(row.value_mark)
