"""Fills the tables of a measurement with enrolled trucks and a long past.

The database makes the rows by itself. What would look at each row as it comes is put off: indexes
are built when all rows are there, and no trigger, check or foreign key looks at them, which needs a
superuser. The tables are held meanwhile: not beside an installation that works.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.management.base import CommandError
from django.db import ProgrammingError, connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Max

from lanes.models import Lane
from trustedtruck.accounts.models import Device
from trustedtruck.audit.models import Event, Link
from trustedtruck.credentials.models import STATUS_LIST_SIZE, Credential


@dataclass(frozen=True, slots=True)
class Size:
    trucks: int
    arrivals: int

    def __str__(self) -> str:
        return f"{self.trucks:,} trucks, {self.arrivals:,} arrivals"


NOTHING, SMALL, LARGE = Size(0, 0), Size(1_000, 10_000), Size(1_000_000, 10_000_000)


def large(scale: float) -> Size:
    """The whole size, or a share of it. CommandError where that is not above the small one."""
    found = Size(round(LARGE.trucks * scale), round(LARGE.arrivals * scale))
    if found.trucks <= SMALL.trucks or found.arrivals <= SMALL.arrivals:
        raise CommandError(f"--scale must be above {SMALL.trucks / LARGE.trucks:g}")
    return found


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
# Each truck comes again and again, one every three seconds; the last of them two days ago, for
# whose inspections nobody looks any more.
_ID = "('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"
# Every other truck came to the first port, the rest went to all of them in turn.
_PORT = """
(%(ports)s::varchar[])[
    CASE WHEN n %% 2 = 0 THEN 1 ELSE n / 2 %% cardinality(%(ports)s::varchar[]) + 1 END]
"""
_EACH = """
(SELECT n, now() - interval '2 days' - (%(all)s - n) * interval '3 seconds' AS at
 FROM generate_series(%(first)s, %(last)s) n) each
"""
_ARRIVALS = f"""
INSERT INTO lanes_arrival (id, port_id, device_id, event_id, body_sha256, received_at, deadline_at,
    observed_at, direction, lane_group, tag_epc, qr, credential, plate_number, plate_jurisdiction,
    trip_number, driver_card, seals, gross_weight_kg, radiation_alarm)
SELECT {_ID}, {_PORT}, %(device)s, 'B' || lpad(n::text, 8, '0'), %(digest)s, at,
       at + interval '1 second', at,
       'northbound', '', 'AB' || lpad((n %% %(trucks)s + 1)::text, 22, '0'),
       'B' || n %% %(trucks)s, '', 'B' || n %% %(trucks)s, 'TX', '', '', '{{}}', 20000, false
FROM {_EACH}
"""  # noqa: S608 (our own text)
_ASSIGNMENTS = f"""
INSERT INTO lanes_assignment (arrival_id, port_id, route, lane_id, reasons, facts, policy_version,
    decided_at, decided_by)
SELECT {_ID}, {_PORT}, 'inspection', %(lane)s, '{{drawn_at_random}}', '{{}}', 1, at, 'worker'
FROM {_EACH}
"""  # noqa: S608 (our own text)
_PASSAGES = f"""
INSERT INTO lanes_passage (arrival_id, port_id, device_id, event_id, point, lane_id, at,
    received_at)
SELECT {_ID}, {_PORT}, %(device)s, 'B' || lpad(n::text, 8, '0'), 'lane', %(lane)s, at, at
FROM {_EACH}
"""  # noqa: S608 (our own text)
# One event for each arrival, and its link of the chain: no true one, but nothing is left to seal.
_EVENTS = f"""
INSERT INTO audit_event (id, at, action, actor_kind, actor_id, actor_label, subject_kind,
    subject_id, port_code, data)
SELECT %(events)s + n, at, 'arrival.assigned', 'system', 'worker', 'worker', 'arrival', {_ID}::text,
       {_PORT}, '{{"route": "inspection"}}'
FROM {_EACH}
"""  # noqa: S608 (our own text)
_LINKS = """
INSERT INTO audit_link (position, event_id, hash)
SELECT %(links)s + n, %(events)s + n, %(digest)s FROM generate_series(%(first)s, %(last)s) n
"""
_NEXT_EVENT = """
SELECT setval(pg_get_serial_sequence('audit_event', 'id'), greatest(max(id), 1)) FROM audit_event
"""
_OF_TRUCKS, _OF_ARRIVALS = (_TRUCKS, _CREDENTIALS), (_ARRIVALS, _ASSIGNMENTS, _PASSAGES)
_GROWN = (
    "carriers_truck",
    "credentials_credential",
    "lanes_arrival",
    "lanes_assignment",
    "lanes_passage",
)
_AUDIT = ("audit_event", "audit_link")
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


class Filling:
    """Makes rows up to a size, and lets PostgreSQL learn of them. Within a transaction."""

    def __init__(
        self,
        device: Device,
        whole: Size,
        *,
        made: Size = NOTHING,
        ports: Sequence[str] = (),
        audited: bool = False,
    ) -> None:
        """The past is that of the device's port, and of `ports` besides; up to `whole` in the end.

        `made` is there already. With `audited` each arrival has an event in the audit, which the
        sealer has seen.
        """
        credential = Credential.objects.filter(kind="truck").order_by("pk").first()
        if credential is None:
            raise CommandError("this needs the demonstration: no truck has a credential")
        inspection = Lane.objects.filter(port=device.port_code, route="inspection")
        self._made = made
        self._tables = [*_GROWN, *(_AUDIT if audited else ())]
        self._of_arrivals = [*_OF_ARRIVALS, *((_EVENTS, _LINKS) if audited else ())]
        self._given: dict[str, Any] = {
            "carrier": credential.carrier_id,
            "kid": credential.kid,
            "list": 1_000_000,
            "indices": STATUS_LIST_SIZE,
            "ports": [device.port_code, *ports],
            "device": device.pk,
            "lane": inspection.order_by("code")[0].pk,
            "digest": bytes(32),
            "all": whole.arrivals,
            "trucks": whole.trucks,
            "events": Event.objects.aggregate(last=Max("pk", default=0))["last"],
            "links": Link.objects.aggregate(last=Max("pk", default=0))["last"],
        }
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
            try:
                cursor.execute("SET LOCAL session_replication_role = replica")
            except ProgrammingError as error:
                raise CommandError(f"this needs a superuser of PostgreSQL: {error}") from None

    def up_to(self, size: Size) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_PUT_OFF, {"tables": self._tables})
            put_off = cursor.fetchall()
            for away, _back in put_off:
                cursor.execute(away)
            for table in self._tables:
                # Into a new file, which only this transaction can see: it needs no log.
                cursor.execute(f"CLUSTER {table} USING {table}_pkey")
            self._make(cursor, self._made.trucks, size.trucks, _OF_TRUCKS)
            self._make(cursor, self._made.arrivals, size.arrivals, self._of_arrivals)
            for _away, back in put_off:
                cursor.execute(back)
            if _EVENTS in self._of_arrivals:
                cursor.execute(_NEXT_EVENT)
            cursor.execute(f"ANALYZE {', '.join(self._tables)}")
        self._made = size

    def _make(
        self, cursor: CursorWrapper, done: int, wanted: int, statements: Sequence[str]
    ) -> None:
        for statement in statements:
            cursor.execute(statement, self._given | {"first": done + 1, "last": wanted})
