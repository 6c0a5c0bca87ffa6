"""Does a decision cost more where there are many trucks and a long past? Measured in one run.

The facts of the same 64 arrivals are gathered twice: among a thousand enrolled trucks and ten
thousand past arrivals, and among a million and ten million. The database makes the rows by itself,
within one transaction that is undone. What would look at each row as it comes is put off: indexes
are built when all rows are there, and no trigger, check or foreign key looks at them, which needs a
superuser. The tables are held meanwhile: not beside an installation that works.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.management.base import CommandError
from django.db import ProgrammingError, connection, transaction
from django.db.backends.utils import CursorWrapper

from lanes.models import Arrival
from lanes.queries.facts import gather_facts
from lanes.queries.port import count_lanes
from lanes.queries.work import Claimed
from trustedtruck.core.bench import EFFORT, Result, seconds
from trustedtruck.credentials.models import STATUS_LIST_SIZE, Credential

ROUNDS = 12
GROWS = 1.3


@dataclass(frozen=True, slots=True)
class Size:
    trucks: int
    arrivals: int

    def __str__(self) -> str:
        return f"{self.trucks:,} trucks, {self.arrivals:,} arrivals"


SMALL, LARGE = Size(1_000, 10_000), Size(1_000_000, 10_000_000)

_TRUCKS = """
INSERT INTO carriers_truck (carrier_id, public_id, number, vin, tag_epc, plate_number,
                            plate_jurisdiction, created_at)
SELECT %(carrier)s, gen_random_uuid(), 'Z' || lpad(n::text, 9, '0'), 'Z' || lpad(n::text, 16, '0'),
       'AB' || lpad(n::text, 22, '0'), 'Z' || lpad(n::text, 9, '0'), 'TX', now()
FROM generate_series(%(first)s, %(last)s) n
"""
_CREDENTIALS = """
INSERT INTO credentials_credential (public_id, kind, carrier_id, truck_id, state, reason, issued_at,
    changed_at, valid_from, valid_until, tag_epc, plate_number, plate_jurisdiction, kid,
    status_list_id, status_index, qr, vc_jwt)
SELECT gen_random_uuid(), 'truck', t.carrier_id, t.id, 'active', '', now(), now(), now(),
       now() + interval '1 year', t.tag_epc, t.plate_number, t.plate_jurisdiction, %(kid)s,
       %(list)s + substr(t.number, 2)::int / %(indices)s, substr(t.number, 2)::int %% %(indices)s,
       '', ''
FROM carriers_truck t
WHERE t.tag_epc BETWEEN 'AB' || lpad(%(first)s::text, 22, '0')
                    AND 'AB' || lpad(%(last)s::text, 22, '0')
"""
# Each truck comes again and again, one every three seconds; the last of them three hours ago.
_ID = "('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"
_EACH = """
(SELECT n, now() - interval '3 hours' - (%(all)s - n) * interval '3 seconds' AS at
 FROM generate_series(%(first)s, %(last)s) n) each
"""
_ARRIVALS = f"""
INSERT INTO lanes_arrival (id, port_id, device_id, event_id, body_sha256, received_at, deadline_at,
    observed_at, direction, lane_group, tag_epc, qr, credential, plate_number, plate_jurisdiction,
    trip_number, driver_card, seals, gross_weight_kg, radiation_alarm)
SELECT {_ID}, %(port)s, %(device)s, 'B' || lpad(n::text, 8, '0'), %(digest)s, at,
       at + interval '1 second', at,
       'northbound', '', 'AB' || lpad((n %% %(trucks)s + 1)::text, 22, '0'),
       'B' || n %% %(trucks)s, '', 'B' || n %% %(trucks)s, 'TX', '', '', '{{}}', 20000, false
FROM {_EACH}
"""  # noqa: S608 (our own text)
_ASSIGNMENTS = f"""
INSERT INTO lanes_assignment (arrival_id, port_id, route, lane_id, reasons, facts, policy_version,
    decided_at, decided_by)
SELECT {_ID}, %(port)s, 'inspection', %(lane)s, '{{drawn_at_random}}', '{{}}', 1, at, 'worker'
FROM {_EACH}
"""  # noqa: S608 (our own text)
_PASSAGES = f"""
INSERT INTO lanes_passage (arrival_id, port_id, device_id, event_id, point, lane_id, at,
    received_at)
SELECT {_ID}, %(port)s, %(device)s, 'B' || lpad(n::text, 8, '0'), 'lane', %(lane)s, at, at
FROM {_EACH}
"""  # noqa: S608 (our own text)
_GROWN = (
    "carriers_truck",
    "credentials_credential",
    "lanes_arrival",
    "lanes_assignment",
    "lanes_passage",
)
# How to put each check and each index off (but the primary key, whose rows come in its order), and
# how to bring it back. Checks come back without a look at the rows, which are ours.
_PUT_OFF = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
       format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s%%s', conrelid::regclass, conname,
              pg_get_constraintdef(oid), CASE contype WHEN 'c' THEN ' NOT VALID' ELSE '' END)
FROM pg_constraint WHERE conrelid = ANY(%(tables)s::regclass[]) AND contype IN ('c', 'u')
UNION ALL
SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index WHERE indrelid = ANY(%(tables)s::regclass[])
  AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
"""
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
    scale = EFFORT.get().scale
    small, large = SMALL, Size(round(LARGE.trucks * scale), round(LARGE.arrivals * scale))
    if large.trucks <= small.trucks or large.arrivals <= small.arrivals:
        raise CommandError(f"--scale must be above {SMALL.trucks / LARGE.trucks:g}")
    with transaction.atomic():
        fill = _Filling(arrivals[0], port_code, large)
        fill.up_to(small)
        before = _cost(arrivals, port_code)
        fill.up_to(large)
        after = _cost(arrivals, port_code)
        transaction.set_rollback(True)
    for size, cost in ((small, before), (large, after)):
        yield Result(f"gathering for one, {size}", 1000 * cost.one, "ms")
        yield Result(f"gathering for 64, {size}", 1000 * cost.many, "ms")
        yield Result(f"rows read for 64, {size}", cost.rows, "rows")
        yield Result(f"counting the lanes, {size}", 1000 * cost.lanes, "ms")
    yield Result("growth of gathering for one", after.one / before.one, "times", GROWS, False)
    yield Result("growth of gathering for 64", after.many / before.many, "times", GROWS, False)
    yield Result("growth of the rows read", after.rows / before.rows, "times", GROWS, False)
    yield Result("growth of counting the lanes", after.lanes / before.lanes, "times", GROWS, False)


class _Filling:
    """Makes rows up to a size, and lets PostgreSQL learn of them."""

    def __init__(self, like: Claimed, port_code: str, large: Size) -> None:
        arrival = Arrival.objects.get(pk=like.id)
        credential = Credential.objects.filter(kind="truck").order_by("pk").first()
        if credential is None:
            raise CommandError("bench decide needs the demonstration: no truck has a credential")
        self._made = Size(0, 0)
        self._given: dict[str, Any] = {
            "carrier": credential.carrier_id,
            "kid": credential.kid,
            "list": 1_000_000,
            "indices": STATUS_LIST_SIZE,
            "port": port_code,
            "device": arrival.device_id,
            "lane": arrival.port.lanes.filter(route="inspection").order_by("code")[0].pk,
            "digest": bytes(32),
            "all": large.arrivals,
            "trucks": large.trucks,
        }
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
            try:
                cursor.execute("SET LOCAL session_replication_role = replica")
            except ProgrammingError as error:
                raise CommandError(
                    f"bench decide needs a superuser of PostgreSQL: {error}"
                ) from None

    def up_to(self, size: Size) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_PUT_OFF, {"tables": list(_GROWN)})
            put_off = cursor.fetchall()
            for away, _back in put_off:
                cursor.execute(away)
            for table in _GROWN:
                # Into a new file, which only this transaction can see: it needs no log.
                cursor.execute(f"CLUSTER {table} USING {table}_pkey")
            self._make(cursor, self._made.trucks, size.trucks, _TRUCKS, _CREDENTIALS)
            self._make(
                cursor, self._made.arrivals, size.arrivals, _ARRIVALS, _ASSIGNMENTS, _PASSAGES
            )
            for _away, back in put_off:
                cursor.execute(back)
            cursor.execute(f"ANALYZE {', '.join(_GROWN)}")
        self._made = size

    def _make(self, cursor: CursorWrapper, done: int, wanted: int, *statements: str) -> None:
        for statement in statements:
            cursor.execute(statement, self._given | {"first": done + 1, "last": wanted})


def _cost(arrivals: Sequence[Claimed], port_code: str) -> _Cost:
    def best(work: Callable[[], object], times: int) -> float:
        return min(seconds(work, times) for _ in range(ROUNDS))

    one = best(lambda: gather_facts(arrivals[:1], port_code), 5)
    many = best(lambda: gather_facts(arrivals, port_code), 2)
    lanes = best(lambda: count_lanes(port_code), 3)
    before = _rows_read()
    gather_facts(arrivals, port_code)
    return _Cost(one, many, lanes, _rows_read() - before)


def _rows_read() -> int:
    """Of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS_READ)
        return int(cursor.fetchone()[0])
