"""Search over carriers, trucks, trailers, drivers, trips and seals: exact first, then close.

“Close” is by trigrams, each kind of text with the likeness that one wrong or missing character
still has; names of people, which are sealed, are found by their marks. One statement for each kind;
every one of them is carried by an index.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Q

from trustedtruck.carriers.models import Driver
from trustedtruck.carriers.names import called, words_of

EXACT_LIMIT, CLOSE_LIMIT, NAMES_LIMIT = 20, 8, 60
SHORTEST, LONGEST = 2, 60
# The planner, which expects a few of so many rows to be found soon, would rather read a table or a
# foreign key's index from its beginning; where nothing is found that is all of it. A bitmap is made
# from what the question's own index finds.
_BY_INDEX = """
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true)
"""
_LIKENESS = "SELECT set_config('pg_trgm.similarity_threshold', %s, true)"
# No part of an identifier; people write them into one.
_BETWEEN = re.compile(r"[\s.\-_/]+")


@dataclass(frozen=True, slots=True)
class Found:
    """`kind` names the page that shows it; `key` is its address there; `likeness` is 1 if exact."""

    kind: str
    key: str
    title: str
    detail: str
    likeness: float

    @property
    def exact(self) -> bool:
        return self.likeness >= 1


@dataclass(frozen=True, slots=True)
class _Source:
    """Where one kind of thing is found. `exact` compares with %(q)s, `close` is one text.

    `fits` is what a question with a mistake in it may look like; others are not asked of it.
    """

    kind: str
    select: str
    exact: str
    close: tuple[str, ...]
    likeness: float
    fits: str = r".*"


_TRUCK = """'truck', x.public_id::text, x.plate_number || ' ' || x.plate_jurisdiction,
    x.vin || ' · ' || coalesce(x.tag_epc, '—') || ' · ' || c.scac"""
_TRUCK_FROM = "carriers_truck x JOIN carriers_carrier c ON c.id = x.carrier_id"
_TRIP = "'trip', t.trip_number, t.trip_number, t.port_code || ' · ' || t.plate_number"
_SOURCES = (
    _Source(
        "carrier",
        "'carrier', x.public_id::text, x.legal_name, x.scac FROM carriers_carrier x",
        "x.scac = %(q)s OR x.usdot = %(q)s OR x.rfc = %(q)s OR x.caat = %(q)s"
        " OR upper(x.legal_name) = %(words)s",
        ("upper(x.legal_name)",),
        0.35,
        r"(?=.*[A-Z]).{3,}",
    ),
    _Source(
        "truck",
        f"{_TRUCK} FROM {_TRUCK_FROM}",
        "x.vin = %(q)s OR x.tag_epc = %(q)s OR x.plate_number = %(q)s",
        (),
        1.0,
    ),
    _Source("vin", f"{_TRUCK} FROM {_TRUCK_FROM}", "", ("x.vin",), 0.55, r".{9,18}"),
    _Source("plate", f"{_TRUCK} FROM {_TRUCK_FROM}", "", ("x.plate_number",), 0.4, r".{3,11}"),
    _Source("tag", f"{_TRUCK} FROM {_TRUCK_FROM}", "", ("x.tag_epc",), 0.6, r"[0-9A-F]{15,25}"),
    _Source(
        "trailer",
        "'trailer', c.public_id::text, x.plate_number || ' ' || x.plate_jurisdiction,"
        " x.number || ' · ' || c.scac FROM carriers_trailer x"
        " JOIN carriers_carrier c ON c.id = x.carrier_id",
        "x.plate_number = %(q)s",
        ("x.plate_number",),
        0.4,
        r".{3,11}",
    ),
    _Source(
        "trip",
        f"{_TRIP} FROM manifests_trip t",
        "t.trip_number = %(q)s",
        ("t.trip_number",),
        0.5,
        r"[A-Z]{2}.{5,}",
    ),
    _Source(
        "seal",
        "'trip', t.trip_number, x.number, t.trip_number FROM manifests_seal x"
        " JOIN manifests_trip t ON t.id = x.trip_id",
        "x.number = %(q)s",
        ("x.number",),
        0.45,
        r".{4,16}",
    ),
)


_EXACT = "SELECT {columns}, 1.0::float FROM {tables} WHERE {exact} LIMIT {limit}"
_CLOSE = """
SELECT {columns}, least(similarity({text}, {asked}), 0.99)::float FROM {tables}
WHERE {text} %% {asked} ORDER BY similarity({text}, {asked}) DESC LIMIT {limit}
"""


def find(text: str, *, people: bool, close: bool = False) -> list[Found]:
    """What is called so; where nothing is, or with `close`, also what is called nearly so.

    Nothing for less than two characters. `people` is whether the reader may see drivers.
    """
    words = " ".join(text.upper().split())[:LONGEST]
    values = {"q": _BETWEEN.sub("", words), "words": words}
    if len(values["q"]) < SHORTEST:
        return []
    found = _Finds()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BY_INDEX)
        for source in _SOURCES:
            if source.exact:
                cursor.execute(_exact(source), values)
                found.take(Found(*row) for row in cursor.fetchall())
        if people:
            found.take(_drivers(words, values["q"]))
        if close or not found.exact:
            for source in _SOURCES:
                if re.fullmatch(source.fits, values["q"]):
                    cursor.execute(_LIKENESS, [str(source.likeness)])
                    for sql in _close(source):
                        cursor.execute(sql, values)
                        found.take(Found(*row) for row in cursor.fetchall())
    return found.sorted()


class _Finds:
    """What was found, each thing once, with its greatest likeness."""

    def __init__(self) -> None:
        self._by_name: dict[tuple[str, str, str], Found] = {}

    @property
    def exact(self) -> bool:
        return any(one.exact for one in self._by_name.values())

    def take(self, found: Iterable[Found]) -> None:
        for one in found:
            key = (one.kind, one.key, one.title)
            if key not in self._by_name or self._by_name[key].likeness < one.likeness:
                self._by_name[key] = one

    def sorted(self) -> list[Found]:
        return sorted(self._by_name.values(), key=lambda one: (-one.likeness, one.kind, one.title))


def _drivers(words: str, number: str) -> Iterator[Found]:
    """By the card's number, or by a name: names are sealed, and found by their marks.

    How near a name is, is judged here, over the first so many that share marks with each word.
    """
    rows = Driver.objects.filter(Q(fast_card=number) | called(words)).prefetch_related("carrier")
    asked = set(words_of(words))
    near = []
    for driver in rows[:NAMES_LIMIT]:
        name = set(words_of(str(driver)))
        exact = driver.fast_card == number or asked <= name
        likeness = 1.0 if exact else min(0.99, len(asked & name) / len(asked) * 0.5 + 0.4)
        near.append(
            Found("driver", str(driver.public_id), str(driver), driver.carrier.scac or "", likeness)
        )
    near.sort(key=lambda one: -one.likeness)
    yield from near[: EXACT_LIMIT if near and near[0].exact else CLOSE_LIMIT]


def _exact(source: _Source) -> str:
    columns, _from, tables = source.select.partition(" FROM ")
    return _EXACT.format(columns=columns, tables=tables, exact=source.exact, limit=EXACT_LIMIT)


def _close(source: _Source) -> Iterator[str]:
    columns, _from, tables = source.select.partition(" FROM ")
    for text in source.close:
        asked = "%(words)s" if text.startswith("upper") else "%(q)s"
        yield _CLOSE.format(
            columns=columns, tables=tables, text=text, asked=asked, limit=CLOSE_LIMIT
        )
