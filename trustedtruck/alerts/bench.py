"""`manage.py bench alerts`: what matching costs with a million alerts, and how fast a feed reads.

Everything is made in one transaction that is rolled back: nothing stays in the database. Needs a
few minutes and some gigabytes while it runs.
"""

import random
import time
from collections.abc import Iterator
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from trustedtruck.accounts.models import Agency
from trustedtruck.alerts.kinds import Kind, Value
from trustedtruck.alerts.models import Partner
from trustedtruck.alerts.queries import feed
from trustedtruck.alerts.queries.matching import Known, look
from trustedtruck.alerts.services.agreements import Terms, register_partner, sign_agreement
from trustedtruck.audit.actors import system
from trustedtruck.core.bench import Result

ALERTS, FEED, LOOKS, CHUNK = 1_000_000, 100_000, 500, 100_000
BY = system("bench")

_MAKE_ALERTS = """
INSERT INTO alerts_alert (public_id, owner_id, origin_ref, version, category, severity, mark, state,
    reason, instruction, valid_from, valid_until, review_date, issued_by, issued_at, changed_at,
    reviewed_by, ended_by, end_note)
SELECT gen_random_uuid(), 'BENCH-A', '', 1, 'narcotics', 'high', 'amber', 'active', 'r', 'i',
    now() - interval '1 day', NULL, current_date + 30, 'bench', now(), now(), '', '', ''
FROM generate_series(%s, %s) n
"""
# Plates, VINs, seals and combinations, and one in ten a name, found by four keys close to it.
_MAKE_TERMS = """
INSERT INTO alerts_term (alert_id, clause, kind, value, key, close, others, names, active,
    valid_from)
SELECT id, 0, kind, word, kind || separator || word, separator = '~', others, '{}', true, valid_from
FROM (
    SELECT a.id, a.valid_from,
        (ARRAY['plate','plate','plate','vin','vin','seal','seal','carrier','hs','driver_name']
        )[a.id %% 10 + 1] AS kind,
        CASE WHEN a.id %% 10 = 9 THEN '~' ELSE '=' END AS separator,
        CASE a.id %% 10
            WHEN 7 THEN chr(65 + (a.id / 10 %% 26)::int) || 'RRR'
            WHEN 8 THEN lpad((a.id / 10 %% 6000)::text, 6, '0')
            WHEN 9 THEN substr(md5((a.id / 10 %% 5000)::text), 1, 4) || '+' || chr(65 + k)
            ELSE upper(substr(md5(a.id::text), 1, 9)) END AS word,
        CASE WHEN a.id %% 10 IN (7, 8) THEN ARRAY['seal=' || a.id] ELSE '{}' END AS others
    FROM alerts_alert a
    CROSS JOIN LATERAL generate_series(1, CASE WHEN a.id %% 10 = 9 THEN 4 ELSE 1 END) k
    WHERE a.owner_id = 'BENCH-A' AND a.id > %s AND a.id <= %s
) made
"""
_MAKE_RELEASES = """
INSERT INTO alerts_release (partner_id, agreement_id, alert_id, kind, subject_id, version, mark,
    payload, withheld, released_at)
SELECT 'BENCH-B', %s, a.id, 'warning', a.public_id, 1, 'amber', jsonb_build_object(
    'kind', 'warning', 'id', a.public_id, 'version', 1, 'owner', 'BENCH-A', 'mark', 'amber',
    'category', a.category, 'severity', a.severity, 'valid_from', a.valid_from, 'valid_until', NULL,
    'criteria', jsonb_build_array(jsonb_build_array(jsonb_build_object('kind', 'plate', 'value',
        'TX ' || a.id))), 'instruction', a.instruction), '{}', now()
FROM alerts_alert a WHERE a.owner_id = 'BENCH-A' ORDER BY a.id LIMIT %s
"""


def measure(alerts: int = ALERTS, releases: int = FEED) -> Iterator[Result]:
    with transaction.atomic():
        trucks = [_truck(n) for n in range(LOOKS)]
        without = _p95(trucks)
        _fill(alerts)
        many = _p95(trucks)
        yield Result("an arrival's look, no alerts, p95", without, "ms")
        yield Result(f"an arrival's look, {alerts:,} alerts, p95", many, "ms")
        yield Result("added by the alerts, p95", many - without, "ms", 2.0, False)
        yield Result("alerts of a feed read", _feed(releases), "per second and core", 5_000)
        transaction.set_rollback(True)


def _fill(alerts: int) -> None:
    Agency.objects.create(code="BENCH-A", name="Bench", country="US")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT coalesce(max(id), 0) FROM alerts_alert")
        (last,) = cursor.fetchone()
        for first in range(0, alerts, CHUNK):
            cursor.execute(_MAKE_ALERTS, [first + 1, min(first + CHUNK, alerts)])
            cursor.execute("SELECT max(id) FROM alerts_alert")
            (now,) = cursor.fetchone()
            cursor.execute(_MAKE_TERMS, [last, now])
            last = now
        cursor.execute("ANALYZE alerts_alert; ANALYZE alerts_term")


def _truck(n: int) -> Known:
    """What is known of a laden truck: some forty values, people and companies among them."""
    chance = random.Random(n)

    def code(length: int) -> str:
        return "".join(chance.choices("0123456789ABCDEF", k=length))

    names = ["Juan", "Garcia", "Rosa", "Lopez", "Maria", "Perez", "Luis", "Hernandez"]
    values = [
        Value(Kind.VIN, code(9)),
        Value(Kind.TAG, code(24)),
        Value(Kind.CARRIER, f"{chance.choice('ABCDEFG')}RRR"),
        Value(Kind.CARRIER_NAME, f"Transportes {code(5)} del Norte"),
        Value(Kind.DRIVER_NAME, " ".join(chance.sample(names, 3))),
        Value(Kind.ROUTE, "2304 northbound"),
        Value(Kind.ORIGIN, "MX"),
    ]
    values += [Value(Kind.PLATE, f"TX {code(7)}") for _ in range(3)]
    values += [Value(Kind.SEAL, code(9)) for _ in range(4)]
    values += [Value(Kind.HS, f"{chance.randrange(10**6):06d}") for _ in range(8)]
    values += [Value(Kind.SHIPPER, f"{code(6)} Foods {code(4)}") for _ in range(8)]
    values += [Value(Kind.CONSIGNEE, f"{code(6)} Market {code(4)}") for _ in range(8)]
    return Known(frozenset(values), "NRTE")


def _p95(trucks: list[Known]) -> float:
    """Milliseconds of one look, the index only: the keys are made with the filing."""
    for truck in trucks[:50]:
        look({0: truck})
    times = []
    for truck in trucks:
        began = time.perf_counter()
        look({0: truck})
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times)[int(len(times) * 0.95)]


def _feed(count: int) -> float:
    """Copies a second, by the processor's time of this process: as the API joins its pages."""
    at = timezone.now()
    agency = Agency.objects.create(code="BENCH-B", name="Bench partner", country="MX")
    partner, _secret = register_partner(agency=agency, by=BY, at=at)
    # Signed for what has no alerts: the copies are made here.
    terms = Terms("Bench", ["human_smuggling"], ["vehicle"], "amber", [], at, None)
    agreement = sign_agreement(partner=partner, terms=terms, by=BY, at=at - timedelta(seconds=1))
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_RELEASES, [agreement.pk, count])
        cursor.execute("ANALYZE alerts_release")
    return _read_all(partner, count)


def _read_all(partner: Partner, count: int) -> float:
    at = timezone.now()
    read, after = 0, 0
    began = time.process_time()
    while True:
        last, copies = feed.raw_page(partner, after=after, limit=5000, at=at)
        page = ",".join(copies).encode()
        if last is None or not page:
            break
        after, read = last, read + page.count(b'"kind": "warning"')
    taken = time.process_time() - began
    if read != count:
        raise RuntimeError(f"the feed gave {read} of {count} copies")
    return read / taken
