"""`manage.py bench search`: the officers' search with a million trucks in the fleet tables.

The rows are made by the database in one transaction, which is undone: the installation's own data
stay as they are. The yardstick is the same search over the same rows without its indexes' help, so
that a busy machine slows both.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

from django.core.management.base import CommandError
from django.db import connection, transaction

from trustedtruck.carriers.models import Carrier
from trustedtruck.carriers.names import marks_of
from trustedtruck.console.finder import find
from trustedtruck.core.bench import Result
from trustedtruck.core.sealing import seal

TRUCKS, DRIVERS = 1_000_000, 100_000
SOON_MS, FASTER = 100.0, 5.0
TURNS = 7
GIVEN = ("ROSA", "LUIS", "ANA", "JORGE", "MARTA", "PEDRO", "ELENA", "RAUL", "SOFIA", "TOMAS")
FAMILY = ("GARZA", "LUNA", "PEREZ", "RIOS", "SOTO", "VEGA", "CANTU", "LOPEZ", "DIAZ", "NAVA")

_TRUCKS = """
INSERT INTO carriers_truck (carrier_id, public_id, number, vin, tag_epc, plate_number,
                            plate_jurisdiction, created_at)
SELECT %(carrier)s, gen_random_uuid(), 'M' || n,
       upper(translate(substr(md5('v' || n), 1, 10), 'abcdef', 'ABCDEF')) || lpad(n::text, 7, '0'),
       '34' || upper(substr(md5('t' || n), 1, 15)) || lpad(n::text, 7, '0'),
       chr(65 + n %% 26) || chr(65 + n / 26 %% 26) || lpad((n %% 100000)::text, 5, '0')
           || chr(65 + n / 100000 %% 26), 'TX', now()
FROM generate_series(1, %(count)s) n
"""


def measure() -> Iterable[Result]:
    """Each kind of question as officers ask it, at its best of a few: the undisturbed one."""
    carrier = Carrier.objects.order_by("pk").first()
    if carrier is None:
        raise CommandError("bench search needs the demonstration: no carrier is registered")
    with transaction.atomic():
        _fill(carrier.pk)
        yield from _measured()
        transaction.set_rollback(True)


def _fill(carrier: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute(_TRUCKS, {"carrier": carrier, "count": TRUCKS})
        _drivers(cursor, carrier)
        cursor.execute("ANALYZE carriers_truck, carriers_driver")


def _drivers(cursor: Any, carrier: int) -> None:
    """Names from a list, sealed once each: the marks are what is searched."""
    names = [
        (seal(given), seal(f"{one} {two}"), sorted(marks_of(given) | marks_of(one) | marks_of(two)))
        for given in GIVEN
        for one in FAMILY
        for two in FAMILY
    ]
    copied = "COPY carriers_driver (carrier_id, public_id, given_names, family_names, name_marks,"
    copied += " birth_date, citizenship, created_at) FROM STDIN"
    birth = seal("1980-01-01")
    with cursor.copy(copied) as copy:
        for n in range(DRIVERS):
            given, family, marks = names[n % len(names)]
            mine = [*marks, n]
            copy.write_row((carrier, _uuid(n), given, family, mine, birth, "MX", "2026-01-01"))


def _uuid(n: int) -> str:
    return f"00000000-0000-4000-8000-{n:012x}"


def _measured() -> Iterable[Result]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT plate_number, vin, tag_epc FROM carriers_truck ORDER BY id DESC LIMIT 1"
        )
        plate, vin, tag = cursor.fetchone()
    asked = {
        "a plate": plate,
        "a plate with a wrong letter": _wrong(plate),
        "a VIN": vin,
        "a VIN with a wrong letter": _wrong(vin),
        "a tag": tag,
        "a trip": "TTAA20261128",
        "a name with a wrong letter": "Rosq Garza",
        "nothing like it": "QZXWVKJ",
    }
    times = {}
    for name, text in asked.items():
        taken = _best(lambda text=text: find(text, people=True))  # type: ignore[misc]
        times[name] = taken
        yield Result(f"search for {name}", taken * 1000, "ms")
    slowest = max(times.values())
    yield Result("the slowest of them, with a million trucks", slowest * 1000, "ms", SOON_MS, False)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_bitmapscan = off; SET LOCAL enable_indexscan = off")
    bare = _best(lambda: find(_wrong(vin), people=True), turns=1)
    yield Result("a VIN with a wrong letter, without indexes", bare * 1000, "ms")
    faster = bare / times["a VIN with a wrong letter"]
    yield Result("indexes are faster by", faster, "times", FASTER)


def _wrong(text: str) -> str:
    middle = len(text) // 2
    return text[:middle] + ("7" if text[middle] != "7" else "8") + text[middle + 1 :]


def _best(work: Callable[[], object], turns: int = TURNS) -> float:
    times = []
    for _ in range(turns):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)
