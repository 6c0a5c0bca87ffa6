"""What a commit tells the waiting web processes: the answer itself, as far as there is room."""

import uuid
from collections.abc import Callable, Iterator

import psycopg
import pytest

from lanes import queries
from lanes.heartbeat import connect
from lanes.listener import CHANNEL
from lanes.queries import Answer
from tests.cast import Cast, tag
from tests.lanes.conftest import Gate

Decide = Callable[[], int]


@pytest.fixture
def listening(cast: Cast) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with connect() as own:
        own.execute(f"LISTEN {CHANNEL}")
        yield own


def told(listening: psycopg.Connection[tuple[object, ...]]) -> dict[uuid.UUID, Answer | None]:
    [notice] = listening.notifies(timeout=5, stop_after=1)
    return queries.told(notice.payload)


@pytest.mark.parametrize("seen", [{}, {"tag_epc": tag(999), "qr": None}], ids=["fast", "unknown"])
def test_the_answer_that_is_told_is_the_one_that_is_stored(
    cast: Cast,
    gate: Gate,
    decide_now: Decide,
    listening: psycopg.Connection[tuple[object, ...]],
    seen: dict[str, str | None],
) -> None:
    gate.arrive(cast.arrival(**seen), "respond-async")
    assert decide_now() == 1
    found = told(listening)
    assert found == queries.answers(found)


def test_of_many_at_once_only_the_ids_are_told(
    cast: Cast,
    gate: Gate,
    decide_now: Decide,
    listening: psycopg.Connection[tuple[object, ...]],
) -> None:
    ids = {
        uuid.UUID(gate.arrive(cast.arrival(), "respond-async").json()["id"]) for _truck in range(40)
    }
    assert decide_now() == 40
    assert told(listening) == dict.fromkeys(ids)
