"""Questions that go to the database together: answered in order, in as few rounds as may be."""

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from trustedtruck.core.abreast import Ask, Question, abreast, answer_of

pytestmark = pytest.mark.django_db


def double(number: int) -> Question[int]:
    [rows] = yield [Ask("SELECT 2 * %s::int", [number])]
    return int(rows[0][0])


def doubled(number: int, times: int) -> Question[int]:
    for _time in range(times):
        number = yield from double(number)
    return number


def nothing() -> Question[str]:
    return "nothing asked"
    yield []


def failing() -> Question[None]:
    yield [Ask("SELECT 1 / %s::int", [0])]


def test_answers_come_in_the_order_of_the_questions() -> None:
    asked = abreast(doubled(1, 1), nothing(), doubled(1, 3), abreast(double(5), double(6)))
    assert answer_of(asked) == (2, "nothing asked", 8, (10, 12))


def test_there_are_as_many_rounds_as_the_longest_question_has() -> None:
    question: Question[tuple[int, ...]] = abreast(doubled(1, 1), doubled(1, 3), doubled(1, 2))
    rounds = []

    def asked_and_counted() -> Question[tuple[int, ...]]:
        asks = next(question)
        while True:
            rounds.append(len(asks))
            try:
                asks = question.send((yield asks))
            except StopIteration as end:
                found: tuple[int, ...] = end.value
                return found

    assert answer_of(asked_and_counted()) == (2, 8, 4)
    assert rounds == [3, 2, 1]


def test_all_statements_are_counted_and_logged() -> None:
    with CaptureQueriesContext(connection) as captured:
        answer_of(abreast(double(1), double(2)))
    assert len(captured) == 2


@pytest.mark.django_db(transaction=True)
def test_one_that_fails_fails_as_any_statement_and_the_connection_lives_on() -> None:
    with pytest.raises(DatabaseError, match="division by zero"):
        answer_of(abreast(double(1), failing(), double(2)))
    assert answer_of(double(4)) == 8
