"""`manage.py bench alerts`: what matching costs with a million alerts, and how fast a feed reads.

Everything is made in one transaction that is rolled back: nothing stays in the database. Needs a
few minutes and some gigabytes while it runs.
"""

import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.db import connection, transaction
from django.test import RequestFactory
from django.utils import timezone

from trustedtruck.accounts.models import Agency
from trustedtruck.accounts.roles import Scope
from trustedtruck.accounts.services import issue_key
from trustedtruck.alerts import kinds
from trustedtruck.alerts.api.views import MAX_PAGE, Feed
from trustedtruck.alerts.kinds import Kind, Value, keys_on
from trustedtruck.alerts.models import Filing, Partner
from trustedtruck.alerts.queries.matching import Known, filings, look
from trustedtruck.alerts.services.agreements import Terms, register_partner, sign_agreement
from trustedtruck.audit.actors import system
from trustedtruck.core.bench import Result
from trustedtruck.core.sealing import seal

ALERTS, FEED, LOOKS, ROUNDS, CHUNK = 1_000_000, 100_000, 500, 3, 100_000
BY = system("bench")

_MAKE_ALERTS = """
INSERT INTO alerts_alert (public_id, owner_id, origin_ref, version, category, severity, mark, state,
    reason, instruction, valid_from, valid_until, review_date, issued_by, issued_at, changed_at,
    reviewed_by, ended_by, end_note)
SELECT gen_random_uuid(), 'BENCH-A', '', 1, 'narcotics', 'high', 'amber', 'active', %s, 'i',
    now() - interval '1 day', NULL, current_date + 30, 'bench', now(), now(), '', '', ''
FROM generate_series(%s, %s) n
"""
# Of ten alerts three are on a plate, two on a VIN, two on a seal, one on goods of one of 6,000
# codes from a country, one on goods that one of 5,000 carriers brings. Of the last tenth, one in
# five is on a person's name, the others on a tag.
_MAKE_TERMS = """
INSERT INTO alerts_term (alert_id, clause, kind, slot, key, others, active, valid_from)
SELECT id, 0, kind, 0, kind || '=' || word, others, true, valid_from
FROM (
    SELECT a.id, a.valid_from,
        (ARRAY['plate','plate','plate','vin','vin','seal','seal','carrier','hs','tag'])[
            a.id %% 10 + 1]
            AS kind,
        CASE a.id %% 10
            WHEN 7 THEN 'C' || lpad((a.id / 10 %% 5000)::text, 4, '0')
            WHEN 8 THEN lpad((a.id / 10 %% 6000)::text, 6, '0')
            ELSE upper(substr(md5(a.id::text), 1, 9)) END AS word,
        CASE a.id %% 10
            WHEN 7 THEN ARRAY['hs=' || lpad((a.id / 7 %% 6000)::text, 6, '0')]
            WHEN 8 THEN ARRAY['origin=' || (ARRAY['CN','VN','CO','GT','HN','BR','IN','TH'])[
                a.id / 10 %% 8 + 1]]
            ELSE '{}' END AS others
    FROM alerts_alert a
    WHERE a.owner_id = 'BENCH-A' AND a.id > %s AND a.id <= %s AND a.id %% 50 <> 9
) made
"""
_NAMED = """
SELECT id FROM alerts_alert
WHERE owner_id = 'BENCH-A' AND id > %s AND id <= %s AND id %% 50 = 9 ORDER BY id
"""
_COPY_TERMS = """
COPY alerts_term (alert_id, clause, kind, slot, key, others, names, active, valid_from) FROM STDIN
"""
_PART = [
    *("ar", "gar", "mar", "her", "nan", "lo", "pe", "ra", "mi", "ro", "san", "tor", "val", "ze"),
    *("que", "ni", "cas", "del", "fu", "en", "tes", "men", "ji", "ri", "qui", "ba", "cha", "co"),
    *("du", "es", "go", "hu", "la", "mo", "na", "or", "pa", "re", "sa", "ta", "ul", "vi", "zu"),
]
_COPY_RELEASES = """
COPY alerts_release (partner_id, agreement_id, alert_id, kind, subject_id, version, mark, payload,
    withheld, released_at, refused_why) FROM STDIN
"""


def measure(alerts: int = ALERTS, releases: int = FEED) -> Iterator[Result]:
    with transaction.atomic():
        Agency.objects.create(code="BENCH-A", name="Bench", country="US")
        trucks = [_truck(n) for n in range(LOOKS)]
        without, without_new = _times(trucks), _times(trucks, before=kinds.forget)
        _fill(alerts)
        many, many_new = _times(trucks), _times(trucks, before=kinds.forget)
        yield Result("matching an arrival, no alerts, p50", statistics.median(without), "ms")
        yield Result("matching an arrival, no alerts, p95", _p95(without), "ms")
        yield Result(f"matching an arrival, {alerts:,} alerts, p50", statistics.median(many), "ms")
        yield Result(f"matching an arrival, {alerts:,} alerts, p95", _p95(many), "ms")
        yield Result("added by the alerts, p95", _p95(many) - _p95(without), "ms", 2.0, False)
        added = _p95(many_new) - _p95(without_new)
        yield Result("added where every name is new, p95", added, "ms", 2.0, False)
        yield Result("alerts of a feed read", _feed(releases), "per second and core", 5_000)
        transaction.set_rollback(True)


def _fill(alerts: int) -> None:
    chance = random.Random(0)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT coalesce(max(id), 0) FROM alerts_alert")
        (last,) = cursor.fetchone()
        for first in range(0, alerts, CHUNK):
            most = min(first + CHUNK, alerts)
            cursor.execute(_MAKE_ALERTS, [seal("r"), first + 1, most])
            cursor.execute("SELECT max(id) FROM alerts_alert")
            (now,) = cursor.fetchone()
            cursor.execute(_MAKE_TERMS, [last, now])
            cursor.execute(_NAMED, [last, now])
            ids = [row[0] for row in cursor.fetchall()]
            with cursor.copy(_COPY_TERMS) as copy:
                for pk in ids:
                    value = Value(Kind.DRIVER_NAME, _person(chance))
                    names = seal(json.dumps([list(value)]))
                    for slot, key in enumerate(keys_on(value)):
                        copy.write_row(
                            (pk, 0, value.kind, slot, key, [], names, True, "2026-01-01T00:00:00Z")
                        )
            last = now
        cursor.execute("ANALYZE alerts_alert; ANALYZE alerts_term")


def _person(chance: random.Random) -> str:
    """One or two given names of 150, two surnames of 1,500."""
    given = [_word(chance.randrange(150), 2) for _ in range(chance.choice((1, 1, 2)))]
    return " ".join([*given, *(_word(1000 + chance.randrange(1500), 3) for _ in range(2))]).title()


def _word(number: int, parts: int) -> str:
    made = random.Random(number)
    return "".join(made.choice(_PART) for _ in range(parts))


def _truck(n: int) -> Filing:
    """What is filed of a laden truck: some forty values, people and companies among them."""
    chance = random.Random(n)

    def code(length: int) -> str:
        return "".join(chance.choices("0123456789ABCDEF", k=length))

    values = [
        Value(Kind.VIN, code(9)),
        Value(Kind.TAG, code(24)),
        Value(Kind.CARRIER, f"C{chance.randrange(5000):04d}"),
        Value(Kind.CARRIER_NAME, f"Transportes {_word(n, 3)} del Norte"),
        Value(Kind.DRIVER_NAME, _person(chance)),
        Value(Kind.ROUTE, "2304"),
        Value(Kind.ORIGIN, "MX"),
    ]
    values += [Value(Kind.PLATE, f"TX {code(7)}") for _ in range(3)]
    values += [Value(Kind.SEAL, code(9)) for _ in range(4)]
    values += [Value(Kind.HS, f"{chance.randrange(6000):06d}") for _ in range(8)]
    values += [
        Value(Kind.SHIPPER, f"{_word(chance.randrange(900), 3)} {_word(n, 2)} Foods")
        for _ in range(8)
    ]
    values += [Value(Kind.CONSIGNEE, f"{_word(chance.randrange(900), 3)} Market") for _ in range(8)]
    return Filing.objects.create(
        ref=f"BENCH{n}",
        port_code="2304",
        scac="NRTE",
        values=[list(value) for value in values],
        open=True,
        screened_at=timezone.now(),
    )


def _times(trucks: list[Filing], *, before: Callable[[], None] = lambda: None) -> list[float]:
    """Milliseconds for each truck: its filing is read, keys are made of what the gate saw, and the
    index is asked. The median of some rounds over all of them, so that what else the machine does
    is in no truck's time. `before` each of them, outside of its time."""
    for truck in trucks[:50]:
        _match(truck)
    rounds = [[_milliseconds(truck, before) for truck in trucks] for _ in range(ROUNDS)]
    return sorted(statistics.median(times) for times in zip(*rounds, strict=True))


def _milliseconds(truck: Filing, before: Callable[[], None]) -> float:
    before()
    began = time.perf_counter()
    _match(truck)
    return (time.perf_counter() - began) * 1000


def _match(truck: Filing) -> None:
    filed = filings([truck.ref])[truck.ref]
    seen = {Value(Kind.ROUTE, "2304 northbound"), Value(Kind.SEAL, "GATE01")}
    look({truck.ref: filed.joined(Known(frozenset(seen)))})


def _p95(times: list[float]) -> float:
    return times[int(len(times) * 0.95)]


def _feed(count: int) -> float:
    """Copies a second through the partner API, from the request to the answer's last byte, the
    database's time within: one core, for the two work in turns."""
    at = timezone.now()
    agency = Agency.objects.create(code="BENCH-B", name="Bench partner", country="MX")
    partner, _secret = register_partner(agency=agency, by=BY, at=at)
    # Signed for what has no alerts: the copies are made here.
    terms = Terms("Bench", ["human_smuggling"], ["vehicle"], "amber", [], at, None)
    agreement = sign_agreement(partner=partner, terms=terms, by=BY, at=at - timedelta(seconds=1))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, public_id FROM alerts_alert WHERE owner_id = 'BENCH-A' LIMIT %s",
            [count],
        )
        rows = cursor.fetchall()
        with cursor.copy(_COPY_RELEASES) as copy:
            for pk, public_id in rows:
                payload = seal(json.dumps(_copy(pk, str(public_id)), separators=(",", ":")))
                mine = ("BENCH-B", agreement.pk, pk, "warning", public_id, 1, "amber")
                copy.write_row((*mine, payload, [], at, ""))
        cursor.execute("ANALYZE alerts_release")
    return _read_all(partner, count)


def _copy(pk: int, public_id: str) -> dict[str, object]:
    return {
        "kind": "warning", "id": public_id, "version": 1, "owner": "BENCH-A", "mark": "amber",
        "category": "narcotics", "severity": "high", "issued_at": "2026-01-01T00:00:00Z",
        "valid_from": "2026-01-01T00:00:00Z", "valid_until": None,
        "criteria": [[{"kind": "plate", "value": f"TX {pk}"}]], "instruction": "Inspect.",
    }  # fmt: skip


def _read_all(partner: Partner, count: int) -> float:
    key = issue_key(scopes=[Scope.ALERTS_READ], by=BY, at=timezone.now(), agency=partner.agency)
    asking, view = RequestFactory(), Feed.as_view()
    read, after, more = 0, 0, True
    began = time.perf_counter()
    while more:
        query = {"after": after, "limit": MAX_PAGE}
        answer = view(asking.get("/", query, headers={"Authorization": f"Bearer {key}"}))
        if answer.status_code != 200:
            raise RuntimeError(f"the feed answered {answer.status_code}")
        page = json.loads(answer.content)
        after, more, read = page["next"], page["more"], read + len(page["items"])
    taken = time.perf_counter() - began
    if read != count:
        raise RuntimeError(f"the feed gave {read} of {count} copies")
    return read / taken
