"""Questions to the database that do not hang on each other go there together.

A truck that is decided alone waits mostly for answers that take no time: each question is sent, and
both sides go to sleep and are woken. Here a question is a generator: it yields what it asks as a
list, is given the rows of each in turn, may ask more, and returns what it found. All that is asked
in one round goes to PostgreSQL in one piece (its pipeline), so that there are as many rounds as the
longest question has, not as all of them together.
"""

from collections.abc import Generator, Sequence
from typing import Any, NamedTuple, TypeVar

from django.db import connection

from trustedtruck.core.prepared import prepared_cursor, prepared_rows

T = TypeVar("T")
Rows = list[tuple[Any, ...]]


class Ask(NamedTuple):
    """One statement for `prepared_rows`."""

    sql: str
    values: Sequence[Any]


Question = Generator[list[Ask], list[Rows], T]


def abreast(*questions: Question[Any]) -> Question[tuple[Any, ...]]:
    """One question of several: their answers in order."""
    found: list[Any] = [None] * len(questions)
    waiting: list[tuple[int, list[Ask]]] = []
    given: list[tuple[int, list[Rows] | None]] = [(place, None) for place in range(len(questions))]
    while given:
        waiting = []
        for place, rows in given:
            try:
                asks = next(questions[place]) if rows is None else questions[place].send(rows)
            except StopIteration as end:
                found[place] = end.value
            else:
                waiting.append((place, asks))
        if not waiting:
            break
        together = yield [ask for _place, asks in waiting for ask in asks]
        given, begin = [], 0
        for place, asks in waiting:
            given.append((place, together[begin : begin + len(asks)]))
            begin += len(asks)
    return tuple(found)


def answer_of(question: Question[T]) -> T:
    """Ask the database, round by round."""
    try:
        asks = next(question)
        while True:
            asks = question.send(_rows(asks))
    except StopIteration as end:
        found: T = end.value
        return found


def _rows(asks: list[Ask]) -> list[Rows]:
    if len(asks) < 2:
        return [prepared_rows(*ask) for ask in asks]
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        cursors = [prepared_cursor() for _ask in asks]
        for cursor, ask in zip(cursors, asks, strict=True):
            cursor.execute(*ask)
        return [list(cursor.fetchall()) for cursor in cursors]
