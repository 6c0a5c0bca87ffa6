"""The work that waits: claimed for a while, released, closed when overdue."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from trustedtruck.core.prepared import prepared_cursor


@dataclass(frozen=True, slots=True)
class Claimed:
    """An arrival that this worker may decide until its lease ends. `attempts` counts this one."""

    id: uuid.UUID
    port: str
    attempts: int
    received_at: datetime
    observed_at: datetime
    direction: str
    lane_group: str
    tag_epc: str
    qr: str
    credential: str
    plate_number: str
    plate_jurisdiction: str
    trip_number: str
    driver_card: str
    seals: list[str]
    gross_weight_kg: int | None
    radiation_alarm: bool | None


# Of all ports in turn, so that a queue at one keeps nobody waiting at another.
# Arrivals that failed before are claimed one by one: whatever kills a worker takes no other along.
# A lease need not outlive a crash of the database, so that nobody waits for the disk here.
_CLAIM = """
WITH asynchronous AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true) AS chosen
), turns AS (
    SELECT arrival_id,
           row_number() OVER (PARTITION BY port_id ORDER BY attempts > 0, deadline_at) AS turn
    FROM lanes_waiting
    WHERE (claimed_until IS NULL OR claimed_until < clock_timestamp())
      AND (%(port)s::varchar IS NULL OR port_id = %(port)s)
), free AS (
    SELECT w.arrival_id, w.attempts FROM lanes_waiting w JOIN turns t USING (arrival_id)
    WHERE w.claimed_until IS NULL OR w.claimed_until < clock_timestamp()
    ORDER BY w.attempts > 0, t.turn, w.deadline_at
    LIMIT %(limit)s::bigint FOR UPDATE OF w SKIP LOCKED
), chosen AS (
    SELECT arrival_id FROM free WHERE attempts = 0
    UNION ALL
    (SELECT arrival_id FROM free
     WHERE NOT EXISTS (SELECT 1 FROM free f WHERE f.attempts = 0) LIMIT 1)
), claimed AS (
    UPDATE lanes_waiting w
    SET attempts = w.attempts + 1,
        claimed_until = clock_timestamp() + %(lease)s::float8 * interval '1 millisecond'
    FROM chosen WHERE w.arrival_id = chosen.arrival_id
    RETURNING w.arrival_id, w.attempts
)
SELECT a.id, a.port_id, c.attempts, a.received_at, a.observed_at, a.direction, a.lane_group,
       a.tag_epc, a.qr, a.credential, a.plate_number, a.plate_jurisdiction, a.trip_number,
       a.driver_card, a.seals, a.gross_weight_kg, a.radiation_alarm
FROM claimed c JOIN lanes_arrival a ON a.id = c.arrival_id CROSS JOIN asynchronous
"""


def claim(port_code: str | None, *, limit: int, lease_ms: int) -> list[Claimed]:
    """Take up to `limit` free arrivals in one autocommit statement; nobody waits for a lock.

    Of all ports when none is named.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_CLAIM, {"port": port_code, "limit": limit, "lease": lease_ms})
        return [Claimed(*row) for row in cursor.fetchall()]


def reported(arrival_ids: Iterable[uuid.UUID]) -> list[Claimed]:
    """Arrivals as they were reported, waiting or not; nothing is claimed."""
    columns = ", ".join(Claimed.__slots__).replace("port,", "port_id,").replace("attempts", "0")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM lanes_arrival WHERE id = ANY(%s)",  # noqa: S608 - our own names
            [list(arrival_ids)],
        )
        return [Claimed(*row) for row in cursor.fetchall()]


def release(arrival_ids: Iterable[uuid.UUID]) -> None:
    """End the leases now, so that the arrivals are decided again at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE lanes_waiting SET claimed_until = NULL WHERE arrival_id = ANY(%s)",
            [list(arrival_ids)],
        )


def overdue(limit: int = 200) -> list[uuid.UUID]:
    """Arrivals past their deadline that nobody closed, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT arrival_id FROM lanes_waiting WHERE deadline_at < clock_timestamp()"
            " ORDER BY deadline_at LIMIT %s",
            [limit],
        )
        return [row[0] for row in cursor.fetchall()]


def until_deadline(arrival_id: uuid.UUID) -> float:
    """Seconds that an arrival may still wait by the database's clock; 0 when it waits no longer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM deadline_at - clock_timestamp()) FROM lanes_waiting"
            " WHERE arrival_id = %s",
            [arrival_id],
        )
        row = cursor.fetchone()
    return max(0.0, float(row[0])) if row else 0.0


def unserved_ports(older_than_ms: int) -> list[str]:
    """Ports with arrivals that no worker holds and that have waited a while."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT w.port_id FROM lanes_waiting w"
            " JOIN lanes_arrival a ON a.id = w.arrival_id"
            " WHERE (w.claimed_until IS NULL OR w.claimed_until < clock_timestamp())"
            " AND a.received_at < clock_timestamp() - %s * interval '1 millisecond'",
            [older_than_ms],
        )
        return [row[0] for row in cursor.fetchall()]


def oldest_waiting_seconds() -> float:
    """How long the oldest arrival without a lane has waited; 0 when none waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(a.received_at)), 0)"
            " FROM lanes_waiting w JOIN lanes_arrival a ON a.id = w.arrival_id"
        )
        return float(cursor.fetchone()[0])


_FOR_CLOSING = """
SELECT w.arrival_id,
       (SELECT l.id FROM lanes_lane l
        WHERE l.port_id = w.port_id AND l.route = 'inspection'
        ORDER BY l.state <> 'open', NOT a.direction = ANY(l.directions),
                 a.lane_group <> '' AND l.group <> '' AND l.group <> a.lane_group,
                 (SELECT count(*) FROM lanes_assignment s
                  WHERE s.port_id = l.port_id AND s.lane_id = l.id
                    AND s.decided_at > statement_timestamp() - interval '5 minutes'), l.code
        LIMIT 1),
       coalesce((SELECT p.version FROM lanes_policy p WHERE p.port_id = w.port_id
                 AND p.effective_from <= clock_timestamp()
                 ORDER BY p.effective_from DESC, p.version DESC LIMIT 1), 0)
FROM lanes_waiting w JOIN lanes_arrival a ON a.id = w.arrival_id
WHERE w.arrival_id = ANY(%s)
"""


def for_closing(arrival_ids: Iterable[uuid.UUID]) -> list[tuple[uuid.UUID, int | None, int]]:
    """For arrivals that wait: (id, an inspection lane, the policy version in force)."""
    with connection.cursor() as cursor:
        cursor.execute(_FOR_CLOSING, [list(arrival_ids)])
        found: list[tuple[uuid.UUID, int | None, int]] = cursor.fetchall()
        return found
