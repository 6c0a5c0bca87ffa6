"""Statements of our own that are asked for every truck: parsed and planned once a connection.

Django's cursors write the values into the statement, so that PostgreSQL plans each one anew; for
a row by its key, planning takes longer than finding it, and for Django to write the statement
takes longer than both. A list is one value here (`= ANY(%s)`), so that the text stays the same
however many there are.
"""

import uuid
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from psycopg.adapt import Dumper
from psycopg.types.datetime import TimestamptzLoader

M = TypeVar("M", bound=models.Model)


class _Lists(Dumper):
    """A list of texts, or of numbers or ids, as one value; the statement says of which type.

    psycopg asks of each element what it is, which took longer than many of the statements do.
    """

    def dump(self, obj: Sequence[str | int | uuid.UUID]) -> bytes:
        kinds = set(map(type, obj))
        if kinds <= {int, uuid.UUID}:
            return ("{" + ",".join(map(str, obj)) + "}").encode()
        if not all(issubclass(kind, str) for kind in kinds):
            raise TypeError(f"a list for a prepared statement holds {kinds}")
        # No text in PostgreSQL holds a NUL, so that one can stand between them for a moment.
        text = "\0".join(cast(Sequence[str], obj))
        if text.count("\0") != len(obj) - 1:
            raise ValueError("a text holds a NUL")
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        return ('{"' + quoted.replace("\0", '","') + '"}').encode()


class _Preparing(ServerBindingCursor):
    def __init__(self, connection: Any) -> None:
        super().__init__(connection)  # type: ignore[call-arg]
        # Django's own reads instants in Python, ten times slower; the connection's zone is UTC.
        self.adapters.register_loader("timestamptz", TimestamptzLoader)  # type: ignore[attr-defined]
        self.adapters.register_dumper(list, _Lists)  # type: ignore[attr-defined]

    def execute(self, query: Any, params: Any = None) -> Any:
        return super().execute(query, params, prepare=True)  # type: ignore[misc]


def prepared_cursor() -> CursorWrapper:
    """A cursor of the current connection for SQL whose text is always the same.

    It counts, logs and raises as Django's own do. Values are bound by the server: where it cannot
    tell a value's type, the statement must say it (`%s::text`).
    """
    # Looked up once: a question asks it several things, and there are twenty for each truck.
    own = connections[DEFAULT_DB_ALIAS]
    own.ensure_connection()
    with own.wrap_database_errors:
        raw = _Preparing(own.connection)
        cursor: CursorWrapper = own._prepare_cursor(raw)  # type: ignore[attr-defined]
        return cursor


def prepared_rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows of one statement."""
    with prepared_cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def prepared_objects(
    model: type[M], where: str, values: Sequence[Any], *, only: tuple[str, ...] = ()
) -> list[M]:
    """A model's rows as Django would give them; `where` is SQL of ours over its one table.

    `only` names the attributes that are read; the others are read when somebody asks.
    """
    sql, names, conversions = _reading(model, where, only)
    found = []
    for row in prepared_rows(sql, values):
        given = list(row)
        for place, convert in conversions:
            given[place] = convert(given[place], None, connection)
        found.append(model.from_db(connection.alias, names, given))
    return found


@cache
def _reading(
    model: type[models.Model], where: str, only: tuple[str, ...]
) -> tuple[str, list[str], list[tuple[int, Any]]]:
    """The statement, the attributes in its order, and what turns columns into values."""
    fields = [
        field
        for field in model._meta.concrete_fields
        if not only or field.primary_key or field.attname in only
    ]
    quoted = connection.ops.quote_name
    columns = ", ".join(quoted(str(field.column)) for field in fields)
    sql = f"SELECT {columns} FROM {quoted(model._meta.db_table)} WHERE {where}"  # noqa: S608 (ours)
    conversions = [
        (place, convert)
        for place, field in enumerate(fields)
        for convert in field.get_db_converters(connection)
    ]
    return sql, [field.attname for field in fields], conversions
