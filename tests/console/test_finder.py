"""The officers' search: what is exact comes alone, and every question is carried by an index."""

import re

import pytest
from django.db import connection, transaction

from tests.cast import Cast, make_cast
from trustedtruck.carriers.models import Driver
from trustedtruck.carriers.names import called
from trustedtruck.console import finder
from trustedtruck.console.benchmarks import search
from trustedtruck.console.finder import find

# The table of the question itself; what is joined to it by a key may be so small here that the
# planner reads it whole, whatever it may not.
READ_WHOLE = re.compile(r"Seq Scan on \w+ x\b")


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def _plan(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(finder._BY_INDEX)
        cursor.execute(finder._LIKENESS, ["0.4"])
        values = {"q": "NPL8123", "words": "NPL8 123"}
        cursor.execute("EXPLAIN (COSTS OFF) " + sql, values)
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.parametrize("source", finder._SOURCES, ids=lambda source: source.kind)
def test_every_question_can_be_answered_by_an_index(cast: Cast, source: finder._Source) -> None:
    statements = [*finder._close(source), *([finder._exact(source)] if source.exact else [])]
    with transaction.atomic():
        for sql in statements:
            plan = _plan(sql)
            assert not READ_WHOLE.search(plan), plan
            assert "Index Scan" in plan, plan


@pytest.mark.django_db
def test_a_truck_is_found_exactly_by_a_plain_index() -> None:
    search.fill(trucks=2_000, drivers=10)
    (truck,) = [source for source in finder._SOURCES if source.kind == "truck"]
    assert "exact_truck_vin" in _plan(finder._exact(truck))


def test_names_are_found_by_an_index(cast: Cast) -> None:
    rows = Driver.objects.filter(called("Rosa Prueba"))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(finder._BY_INDEX)
        assert "driver_by_marks_of_name" in rows.explain()


def test_no_question_reads_a_table_from_its_beginning(cast: Cast) -> None:
    with transaction.atomic():
        find("NPL81", people=True)
        with connection.cursor() as cursor:
            cursor.execute("SHOW enable_seqscan")
            assert cursor.fetchone() == ("off",)


def test_what_is_exact_comes_alone_unless_asked(cast: Cast) -> None:
    assert [one.title for one in find("NPL81", people=False)] == ["NPL81 TX"]
    assert {one.title for one in find("NPL81", people=False, close=True)} == {
        "NPL81 TX",
        "NPL82 TX",
    }


def test_where_nothing_is_exact_the_near_is_shown(cast: Cast) -> None:
    assert not any(one.exact for one in find("NPL8l", people=False))
    assert find("NPL8l", people=False)
