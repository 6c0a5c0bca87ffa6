"""Model fields whose values the database keeps but cannot read: what identifies a person.

A column holds a Fernet token (AES-128-CBC with HMAC-SHA256) under the newest key of
`FIELD_ENCRYPTION_KEYS`; every key of the list opens. The same value gives another token each time,
so nothing can be looked up by it: what must be found is found by an index of its own
(`carriers.names`). `manage.py rotate_keys` seals everything anew under the newest key.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import FieldError
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from trustedtruck.core.sealing import seal, unseal

if TYPE_CHECKING:
    _Field = models.Field[Any, Any]
    _CharField = models.CharField[Any, Any]
    _DateField = models.DateField[Any, Any]
    _TextField = models.TextField[Any, Any]
else:
    _Field, _CharField = models.Field, models.CharField
    _DateField, _TextField = models.DateField, models.TextField


class Sealed(_Field):
    """What the fields below share: `pack` and `unpack` are a value as text and back."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "text"

    def pack(self, value: Any) -> str:
        return str(value)

    def unpack(self, text: str) -> Any:
        return text

    def get_db_prep_value(
        self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> Any:
        if value is None:
            return None
        return seal(self.pack(value if prepared else self.get_prep_value(value)))

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        if hasattr(value, "as_sql"):  # an expression, such as that of a bulk update
            return value
        return self.get_db_prep_value(value, connection)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else self.unpack(unseal(value))

    def get_lookup(self, lookup_name: str) -> Any:
        """Only whether there is a value: any other question to the database finds nothing."""
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is sealed: the database cannot compare it")
        return super().get_lookup(lookup_name)


class SealedCharField(Sealed, _CharField):
    """A short text; `max_length` bounds what forms and services take."""


class SealedTextField(Sealed, _TextField):
    """A text of any length."""


class SealedDateField(Sealed, _DateField):
    """A day."""

    def pack(self, value: Any) -> str:
        return value.isoformat() if isinstance(value, date) else str(value)

    def unpack(self, text: str) -> date:
        return date.fromisoformat(text)


class SealedJSONField(Sealed, models.JSONField):
    """A document."""

    def pack(self, value: Any) -> str:
        return json.dumps(value, cls=self.encoder, ensure_ascii=False, separators=(",", ":"))

    def unpack(self, text: str) -> Any:
        return json.loads(text)


class SealedBytesField(Sealed):
    """A message as it came in."""

    def pack(self, value: Any) -> str:
        return bytes(value).decode("latin-1")

    def unpack(self, text: str) -> bytes:
        return text.encode("latin-1")


class SealedToken(_TextField):
    """A token that a service sealed and opens itself; rotated like the others."""


def sealed_columns() -> Iterator[tuple[type[models.Model], list[str]]]:
    """Every table with sealed columns, and their names."""
    for model in apps.get_models():
        names = [
            str(field.column)
            for field in model._meta.concrete_fields
            if isinstance(field, Sealed | SealedToken)
        ]
        if names:
            yield model, names


_READ = """
SELECT {key}, {columns} FROM {table} WHERE %s IS NULL OR {key} > %s ORDER BY {key} LIMIT {limit}
"""
# Only what must change is locked, and read again: somebody may have written it since.
_READ_AGAIN = "SELECT {columns} FROM {table} WHERE {key} = %s FOR NO KEY UPDATE"
_BATCH = 500


def seal_in_place(
    schema_editor: BaseDatabaseSchemaEditor,
    table: str,
    columns: list[str],
    *,
    read: Callable[[str], str] = str,
    key: str = "id",
) -> None:
    """For migrations: the open texts of columns that have just become sealed ones.

    `read` makes of what the column holds what the field packs.
    """
    turn_columns(schema_editor.connection, table, columns, lambda t: seal(read(t)), key=key)


def turn_columns(
    connection: Any, table: str, columns: list[str], turn: Callable[[str], str], *, key: str = "id"
) -> int:
    """Replace every value by what `turn` makes of it; the count of rows that changed.

    `key` is the column of the primary key.
    """
    listed = ", ".join(f'"{column}"' for column in columns)
    changes = ", ".join(f'"{column}" = %s' for column in columns)
    read = _READ.format(key=key, columns=listed, table=table, limit=_BATCH)
    read_again = _READ_AGAIN.format(key=key, columns=listed, table=table)
    last, changed = None, 0
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        may_tend_sealed(cursor)
        while True:
            cursor.execute(read, [last, last])
            rows = cursor.fetchall()
            if not rows:
                return changed
            for pk, *old in rows:
                if _turned(old, turn) == old:
                    continue
                cursor.execute(read_again, [pk])
                for row in cursor.fetchall():
                    cursor.execute(
                        f"UPDATE {table} SET {changes} WHERE {key} = %s",  # noqa: S608
                        [*_turned(row, turn), pk],
                    )
                    changed += 1
            last = rows[-1][0]


def _turned(values: Iterable[str | None], turn: Callable[[str], str]) -> list[str | None]:
    return [None if value is None else turn(value) for value in values]


def may_tend_sealed(cursor: Any) -> None:
    """Until the transaction ends, what is sealed in rows that never change may change."""
    cursor.execute("SELECT set_config('trustedtruck.tending_sealed', 'on', true)")
