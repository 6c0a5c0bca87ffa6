"""`manage.py bench search`: the officers' search with a million trucks in the fleet tables.

In a database of its own on the installation's server, which is dropped afterwards: the
installation's own rows are neither read nor locked. Every kind of question is asked about many
different rows, so that no answer comes from the one before; each counts by the best of three times,
which is the one that nothing else on the machine disturbed. The yardstick is the same search over
the same rows without its index, so that a busy machine slows both.
"""

import random
import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from trustedtruck.carriers.models import Carrier, Driver
from trustedtruck.carriers.names import marks_of
from trustedtruck.console.finder import find
from trustedtruck.core.bench import Result
from trustedtruck.core.sealing import seal

TRUCKS, DRIVERS = 1_000_000, 100_000
SOON_MS, FASTER, FOUND = 100.0, 5.0, 0.9
WRONG = " with a wrong letter"
QUESTIONS, TIMES = 40, 3
GIVEN = ("ROSA", "LUIS", "ANA", "JORGE", "MARTA", "PEDRO", "ELENA", "RAUL", "SOFIA", "TOMAS")
FAMILY = ("GARZA", "LUNA", "PEREZ", "RIOS", "SOTO", "VEGA", "CANTU", "LOPEZ", "DIAZ", "NAVA")
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"

# Plates, VINs and tags as fleets have them: the first characters are shared by many.
_TRUCKS = """
INSERT INTO carriers_truck (carrier_id, public_id, number, vin, tag_epc, plate_number,
                            plate_jurisdiction, created_at)
SELECT %(carrier)s, gen_random_uuid(), 'M' || n,
       (ARRAY['1XKYD', '3AKJH', '1FUJG', '4V4NC', '3HSDJ'])[n %% 5 + 1]
           || upper(translate(substr(md5('v' || n), 1, 5), 'abcdef', 'ABCDEF'))
           || lpad(n::text, 7, '0'),
       '34' || upper(substr(md5('t' || n), 1, 15)) || lpad(n::text, 7, '0'),
       chr(65 + n %% 26) || chr(65 + n / 26 %% 26)
           || lpad((n::bigint * 7919 %% 100000)::text, 5, '0') || chr(65 + n / 100000 %% 26),
       'TX', now()
FROM generate_series(1, %(count)s) n
"""
_TRAILERS = """
INSERT INTO carriers_trailer (carrier_id, public_id, number, plate_number, plate_jurisdiction,
                              created_at)
SELECT carrier_id, gen_random_uuid(), number, reverse(plate_number), 'TX', now()
FROM carriers_truck WHERE id % 5 = 0
"""
# One crossing in five of them is filed now, each with a bolt seal.
_TRIPS = """
INSERT INTO manifests_trip (public_id, trip_number, carrier_id, port_code, state, purpose, version,
                            conveyance_kind, truck_number, vin, plate_number, plate_jurisdiction,
                            usdot, tag_epc)
SELECT gen_random_uuid(), 'BNCH' || upper(substr(md5('p' || id), 1, 10)), carrier_id,
       '2304', 'preliminary', 'preliminary', 1, 'truck', number, vin, plate_number, 'TX', '',
       tag_epc
FROM carriers_truck WHERE id % 5 = 0
"""
_SEALS = """
INSERT INTO manifests_seal (trip_id, number, grade)
SELECT id, upper(substr(md5(trip_number), 1, 9)), 'H' FROM manifests_trip
"""
_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename = ANY(%s) AND schemaname = current_schema()
  AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""
TABLES = ("carriers_truck", "carriers_trailer", "carriers_driver", "manifests_trip",
          "manifests_seal")  # fmt: skip


def measure() -> Iterable[Result]:
    with _own_database():
        fill(trucks=TRUCKS, drivers=DRIVERS)
        return list(measured())


@contextmanager
def _own_database() -> Iterator[None]:
    """The framework's database for tests: made beside the installation's, migrated, dropped."""
    name = connection.settings_dict["NAME"]
    with redirect_stdout(StringIO()):  # it says that the table of the cache is there already
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def fill(*, trucks: int, drivers: int) -> None:
    """So many trucks of one carrier, a fifth as many trailers, trips and seals, and drivers."""
    carrier = Carrier.objects.create(
        legal_name="Fletes del Norte", country="MX", kind=Carrier.Kind.MX_LONG_HAUL, scac="BNCH",
        created_at=timezone.now(),
    )  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(_INDEXES, [list(TABLES)])
        # An index made over rows that are there is made in a tenth of the time.
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
        cursor.execute(_TRUCKS, {"carrier": carrier.pk, "count": trucks})
        for made in (_TRAILERS, _TRIPS, _SEALS):
            cursor.execute(made)
        _drivers(cursor, carrier.pk, drivers)
        # No index can be made while references of the new rows wait to be checked.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for _name, definition in indexes:
            cursor.execute(definition)
        cursor.execute(f"ANALYZE {', '.join(TABLES)}")


def _drivers(cursor: Any, carrier: int, count: int) -> None:
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
        for n in range(count):
            given, family, marks = names[n % len(names)]
            mine = [*marks, n]
            copy.write_row((carrier, _uuid(n), given, family, mine, birth, "MX", "2026-01-01"))


def _uuid(n: int) -> str:
    return f"00000000-0000-4000-8000-{n:012x}"


def measured() -> Iterator[Result]:
    """Each kind of question, as officers ask it: the 95th percentile of many; and what is found."""
    asked = _questions(random.Random(1))  # the same in every run
    for name, questions in asked.items():
        times, _found = _ask(questions)
        p95, spread = statistics.quantiles(times, n=20)[-1], (min(times), max(times))
        yield Result(f"{name}, p95", p95, "ms", SOON_MS, False, spread)
    wrong = [one for name, some in asked.items() if name.endswith(WRONG) for one in some]
    yield Result("found although a letter is wrong", _ask(wrong)[1], "share", FOUND)
    close = asked[f"a VIN{WRONG}"][:3]
    with transaction.atomic(), connection.cursor() as cursor:
        helped = min(_ask(close)[0])
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("DROP INDEX search_truck_vin")
        bare = min(_ask(close)[0])
        transaction.set_rollback(True)
    yield Result(f"a VIN{WRONG}, without its index", bare, "ms")
    yield Result("the index is faster by", bare / helped, "times", FASTER)


Question = tuple[str, str]


def _questions(dice: random.Random) -> dict[str, list[Question]]:
    """(what is asked, what must be found) by the kind of question."""
    trucks = _sample("SELECT plate_number, vin, tag_epc FROM carriers_truck")
    drivers = dice.sample(list(Driver.objects.values_list("pk", flat=True)), QUESTIONS)
    names = [str(driver).rpartition(" ")[0] for driver in Driver.objects.filter(pk__in=drivers)]
    whole = {
        "a plate": [truck[0] for truck in trucks],
        "a VIN": [truck[1] for truck in trucks],
        "a tag": [truck[2] for truck in trucks],
        "a trip": [trip[0] for trip in _sample("SELECT trip_number FROM manifests_trip")],
        "a seal": [seal[0] for seal in _sample("SELECT number FROM manifests_seal")],
        "a name": names,
    }
    found: dict[str, list[Question]] = {}
    for name, texts in whole.items():
        found[name] = [(text, text) for text in texts]
        found[name + WRONG] = [(_wrong(text, dice), text) for text in texts]
    found["half a plate"] = [(plate[:4], "") for plate in whole["a plate"]]
    nothing = ["".join(dice.choices(_LETTERS, k=7)) for _ in range(QUESTIONS)]
    return found | {"nothing like it": [(text, "") for text in nothing]}


def _sample(query: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"{query} ORDER BY md5(id::text) LIMIT {QUESTIONS}")
        return list(cursor.fetchall())


def _wrong(text: str, dice: random.Random) -> str:
    """One character of it replaced by another."""
    at = dice.choice([n for n, c in enumerate(text) if c != " "])
    other = dice.choice([c for c in _LETTERS if c != text[at]])
    return text[:at] + other + text[at + 1 :]


def _ask(questions: Sequence[Question]) -> tuple[list[float], float]:
    """Milliseconds for each question, asked as the page asks it; the share of what was found."""
    times, hits = [], 0
    for text, wanted in questions:
        taken = []
        for _ in range(TIMES):
            began = time.perf_counter()
            found = find(text, people=True)
            taken.append(1000 * (time.perf_counter() - began))
        times.append(min(taken))
        words = wanted.split()
        hits += any(all(word in f"{one.title} {one.detail}" for word in words) for one in found)
    return times, hits / len(questions)
