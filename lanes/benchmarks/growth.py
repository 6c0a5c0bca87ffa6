"""Does a decision cost more where there are many trucks and a long past? Measured in one run.

The facts of the same 64 arrivals are gathered twice: among a thousand enrolled trucks and ten
thousand past arrivals, and among a million and ten million, within one transaction that is undone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from lanes.benchmarks.filling import SMALL, Filling, large
from lanes.models import Arrival
from lanes.queries.facts import gather_facts
from lanes.queries.port import count_lanes
from lanes.queries.work import Claimed
from trustedtruck.core.bench import EFFORT, Result, seconds

ROUNDS = 12
GROWS = 1.3

_ROWS_READ = """
SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables
"""


@dataclass(frozen=True, slots=True)
class _Cost:
    """Seconds at best, and the rows of tables that PostgreSQL read for the batch."""

    one: float
    many: float
    lanes: float
    rows: int


def growth(arrivals: Sequence[Claimed], port_code: str) -> Iterator[Result]:
    """`arrivals` is a batch of that port; the first of them is measured alone too."""
    whole = large(EFFORT.get().scale)
    with transaction.atomic():
        fill = Filling(Arrival.objects.get(pk=arrivals[0].id).device, whole)
        fill.up_to(SMALL)
        before = _cost(arrivals, port_code)
        fill.up_to(whole)
        after = _cost(arrivals, port_code)
        transaction.set_rollback(True)
    for size, cost in ((SMALL, before), (whole, after)):
        yield Result(f"gathering for one, {size}", 1000 * cost.one, "ms")
        yield Result(f"gathering for 64, {size}", 1000 * cost.many, "ms")
        yield Result(f"rows read for 64, {size}", cost.rows, "rows")
        yield Result(f"counting the lanes, {size}", 1000 * cost.lanes, "ms")
    yield Result("growth of gathering for one", after.one / before.one, "times", GROWS, False)
    yield Result("growth of gathering for 64", after.many / before.many, "times", GROWS, False)
    yield Result("growth of the rows read", after.rows / before.rows, "times", GROWS, False)
    yield Result("growth of counting the lanes", after.lanes / before.lanes, "times", GROWS, False)


def _cost(arrivals: Sequence[Claimed], port_code: str) -> _Cost:
    def best(work: Callable[[], object], times: int) -> float:
        return min(seconds(work, times) for _ in range(ROUNDS))

    one = best(lambda: gather_facts(arrivals[:1]), 5)
    many = best(lambda: gather_facts(arrivals), 2)
    lanes = best(lambda: count_lanes(port_code), 3)
    before = _rows_read()
    gather_facts(arrivals)
    return _Cost(one, many, lanes, _rows_read() - before)


def _rows_read() -> int:
    """Of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS_READ)
        return int(cursor.fetchone()[0])
