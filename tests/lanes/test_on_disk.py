"""What a gate was told survives a crash of the database: it was on the disk before."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from lanes.api.serializers import ArrivalSerializer
from lanes.services.receive import receive
from tests.cast import Cast
from tests.lanes.conftest import Gate
from trustedtruck.core.ids import uuid7

# A crash's luck may write what nobody waited for; not so often in a row.
TIMES = 20


@pytest.fixture(autouse=True)
def durable(transactional_db: None) -> Iterator[None]:
    """As in real life: a commit waits for the disk unless the statement says otherwise."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
    yield
    connection.close()


def _asked(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def _written() -> str:
    return str(_asked("SELECT pg_current_wal_insert_lsn()"))


def _is_on_disk(written: str) -> bool:
    """Whether more of the log is on the disk than was written then."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_flush_lsn() > %s::pg_lsn", [written])
        return bool(cursor.fetchone()[0])


def test_an_arrival_that_is_acknowledged_before_its_lane_is_on_the_disk(
    cast: Cast, gate: Gate
) -> None:
    for _time in range(TIMES):
        before = _written()
        assert gate.arrive(cast.arrival(), "respond-async").status_code == 202
        assert _is_on_disk(before)


def test_a_second_report_acknowledges_only_what_is_on_the_disk(cast: Cast, gate: Gate) -> None:
    """The first one waits for its lane, and has waited for no disk yet."""
    for _time in range(TIMES):
        body = cast.arrival()
        before = _written()
        report = ArrivalSerializer().report_of(body)
        receive(report=report, device=cast.device, arrival_id=uuid7(), until_decided=True)
        assert gate.arrive(body, "respond-async").status_code == 202
        assert _is_on_disk(before)
