"""Past arrivals move out of the tables that live, and months of them out of the database.

An arrival moves when nothing can come to it any more and nothing else hangs on it: its personal
data has been purged (`lanes.retention`), and no inspection, alarm, order of an officer or
unreported journal entry names it. Those stay where their file is. Nothing on the way of a truck
changes.
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import ForeignObjectRel

from lanes.models import Arrival, Assignment, Passage, Port, Redirection
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor

log = structlog.get_logger(__name__)
PARENT = "lanes_archivedarrival"
# These move along; whatever else names an arrival or its decision keeps it where it is.
MOVED = (Assignment, Passage, Redirection)
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)


class NoSuchMonth(Exception):
    """There is no such month, or it is not where it would have to be."""


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the archive: `2020-03`. Each is a table, with a table for each port below it."""

    name: str

    def __post_init__(self) -> None:
        if not MONTH.fullmatch(self.name):
            raise NoSuchMonth(f"{self.name!r} is no month: write it like 2020-03")

    @classmethod
    def of(cls, day: dt.date) -> "Month":
        return cls(f"{day:%Y-%m}")

    @property
    def table(self) -> str:
        return f"lanes_archive_{self.name.replace('-', '_')}"

    @property
    def bounds(self) -> str:
        first = dt.date(int(self.name[:4]), int(self.name[5:]), 1)
        after = (first + dt.timedelta(days=32)).replace(day=1)
        return f"FROM ('{first} 00:00+00') TO ('{after} 00:00+00')"


def archive_before(at: dt.datetime) -> dt.datetime | None:
    """What came before this instant may move: never before its personal data is purged.

    None where nothing ever moves.
    """
    months = settings.ARCHIVE_AFTER_MONTHS
    if not months:
        return None
    days = max(months * 31, settings.RETENTION_DAYS["crossings"])
    return at - dt.timedelta(days=days)


def _blockers() -> str:
    """Conditions that nothing else names the arrival `a`, out of the models' own foreign keys."""
    found = []
    for model in (Arrival, Assignment):
        for relation in model._meta.get_fields(include_hidden=True):
            if isinstance(relation, ForeignObjectRel) and relation.related_model not in MOVED:
                field = relation.remote_field
                table, column = field.model._meta.db_table, field.column
                found.append(f"NOT EXISTS (SELECT 1 FROM {table} x WHERE x.{column} = a.id)")  # noqa: S608
    return " AND ".join(found)


def _movable() -> str:
    """By the index of port and time, which a table of all years is never read without."""
    return f"""
    FROM lanes_arrival a JOIN lanes_assignment s ON s.arrival_id = a.id
    WHERE a.port_id = ANY(%s) AND s.facts = '{{}}'
      AND s.driver_id IS NULL AND s.driver_credential_id IS NULL
      AND a.qr = '' AND a.credential = '' AND a.driver_card = '' AND {_blockers()}
    """


def _ports() -> list[str]:
    return list(Port.objects.values_list("pk", flat=True))


_ROWS = """
SELECT a.id, a.port_id, a.event_id, a.received_at, s.decided_at, s.decided_by, s.route,
       s.carrier_id, s.truck_id, to_jsonb(a) AS arrival, to_jsonb(s) AS assignment,
       coalesce((SELECT jsonb_agg(to_jsonb(p) ORDER BY p.id) FROM lanes_passage p
                 WHERE p.arrival_id = a.id), '[]') AS passages,
       coalesce((SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id) FROM lanes_redirection r
                 WHERE r.arrival_id = a.id), '[]') AS redirections
FROM lanes_arrival a JOIN lanes_assignment s ON s.arrival_id = a.id WHERE a.id = ANY(%s)
"""
_SUM = """
SELECT count(*), encode(sha256(convert_to(string_agg(concat_ws(
    '|', {id}, arrival, assignment, passages, redirections), '|' ORDER BY {id}), 'UTF8')), 'hex')
FROM ({rows}) r
"""
_LIVING = _SUM.format(id="id", rows=_ROWS)
_ARCHIVED = _SUM.format(
    id="arrival_id",
    rows=f"SELECT * FROM {PARENT} WHERE received_at >= %s AND received_at < %s"  # noqa: S608
    " AND arrival_id = ANY(%s)",
)


def archive_due(*, by: Actor, at: dt.datetime) -> int:
    """Move every day that is due, the oldest first, each in a transaction of its own; how many."""
    before = archive_before(at)
    if before is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT (a.received_at AT TIME ZONE 'UTC')::date"
            f" {_movable()} AND a.received_at < %s ORDER BY 1",
            [_ports(), before],
        )
        days = [row[0] for row in cursor.fetchall()]
    return sum(archive_day(day=day, by=by, at=at) for day in days if day < before.date())


@transaction.atomic
def archive_day(*, day: dt.date, by: Actor, at: dt.datetime) -> int:
    """Copy the arrivals that came on a day (UTC), compare, delete; all of it or nothing. How many.

    NoSuchMonth where the month was taken out: what moves late must not get lost between.
    """
    start = dt.datetime.combine(day, dt.time(), dt.UTC)
    period = [start, start + dt.timedelta(days=1)]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(
            f"SELECT a.id, a.port_id {_movable()} AND a.received_at >= %s AND a.received_at < %s"
            " ORDER BY a.id FOR UPDATE OF a, s",
            [_ports(), *period],
        )
        found = cursor.fetchall()
        if not found:
            return 0
        ids = [row[0] for row in found]
        month = Month.of(day)
        _furnish(cursor, month, sorted({row[1] for row in found}))
        cursor.execute(f"INSERT INTO {PARENT} {_ROWS}", [ids])
        cursor.execute(_LIVING, [ids])
        living = cursor.fetchone()
        cursor.execute(_ARCHIVED, [*period, ids])
        if cursor.fetchone() != living:
            raise RuntimeError(f"the copy of {day} is not what was copied")
        for table, column in (
            ("lanes_passage", "arrival_id"),
            ("lanes_redirection", "arrival_id"),
            ("lanes_assignment", "arrival_id"),
            ("lanes_arrival", "id"),
        ):
            cursor.execute(f"DELETE FROM {table} WHERE {column} = ANY(%s)", [ids])  # noqa: S608
    count, digest = living
    _record("arrivals.archived", month, by, {"day": f"{day}", "count": count, "sha256": digest})
    log.info("arrivals_archived", day=f"{day}", count=count, at=f"{at}")
    return int(count)


def months() -> dict[str, str]:
    """The tables of the archive by month, those that are in it and those that were taken out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, i.inhparent IS NOT NULL FROM pg_class c"
            " LEFT JOIN pg_inherits i ON i.inhrelid = c.oid"
            r" WHERE c.relkind = 'p' AND c.relname ~ '^lanes_archive_\d{4}_\d{2}$' ORDER BY 1"
        )
        return {
            table.removeprefix("lanes_archive_").replace("_", "-"): "in" if inside else "out"
            for table, inside in cursor.fetchall()
        }


@transaction.atomic
def detach(*, month: Month, by: Actor, at: dt.datetime) -> None:
    """Take a month out: its table stays, by itself, to be dumped and dropped or attached again."""
    if months().get(month.name) != "in":
        raise NoSuchMonth(f"{month.name} is not in the archive")
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {PARENT} DETACH PARTITION {month.table}")
    _record("archive.detached", month, by, {"at": at.isoformat()})


@transaction.atomic
def attach(*, month: Month, by: Actor, at: dt.datetime) -> None:
    """Put a month in again, whose table is in the database by itself."""
    if months().get(month.name) != "out":
        raise NoSuchMonth(f"{month.name} is not a month that was taken out and is here")
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE {PARENT} ATTACH PARTITION {month.table} FOR VALUES {month.bounds}"
        )
    _record("archive.attached", month, by, {"at": at.isoformat()})


def _furnish(cursor: CursorWrapper, month: Month, ports: list[str]) -> None:
    """The month's table, and one for each port below it."""
    state = months().get(month.name)
    if state == "out":
        raise NoSuchMonth(f"{month.name} was taken out of the archive: attach it first")
    if state is None:
        cursor.execute(
            f"CREATE TABLE {month.table} PARTITION OF {PARENT} FOR VALUES {month.bounds}"
            " PARTITION BY LIST (port_id)"
        )
    for port in ports:
        cursor.execute(
            f"CREATE TABLE IF NOT EXISTS {month.table}_{int(port):04d}"
            f" PARTITION OF {month.table} FOR VALUES IN ('{int(port):04d}')"
        )


def _record(action: str, month: Month, by: Actor, data: dict[str, Any]) -> None:
    audit.record(
        action,
        by=by,
        subject_kind="archive",
        subject_id=month.name,
        port_code="",
        data={"month": month.name, **data},
    )
