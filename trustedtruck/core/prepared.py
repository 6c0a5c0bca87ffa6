"""Statements of our own that are asked for every truck: parsed and planned once a connection.

Django's cursors write the values into the statement, so that PostgreSQL plans each one anew; for
a row by its key planning takes longer than finding it.
"""

from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper


class _Preparing(ServerBindingCursor):  # type: ignore[misc]
    def execute(self, query: Any, params: Any = None) -> Any:
        return super().execute(query, params, prepare=True)


def prepared_cursor() -> CursorWrapper:
    """A cursor of the current connection for SQL whose text is always the same.

    It counts, logs and raises as Django's own do. Values are bound by the server: where it cannot
    tell a value's type, the statement must say it (`%s::text`).
    """
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor: CursorWrapper = connection._prepare_cursor(_Preparing(connection.connection))
        return cursor
