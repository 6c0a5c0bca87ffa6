"""An arrival comes in: one statement writes it, with the deadline of the database's clock."""

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lanes.models import Refusal
from trustedtruck.accounts.authentication import KEY_WORKS, KeyRefused
from trustedtruck.accounts.models import Device
from trustedtruck.accounts.roles import Scope
from trustedtruck.audit import services as audit
from trustedtruck.core.errors import Refused
from trustedtruck.core.prepared import prepared_cursor


@dataclass(frozen=True, slots=True)
class Report:
    """The body of an arrival in its normal form. Its hash is what makes two reports the same."""

    event_id: str
    port: str
    observed_at: datetime
    direction: str
    lane_group: str = ""
    tag_epc: str = ""
    qr: str = ""
    credential: str = ""
    plate_number: str = ""
    plate_jurisdiction: str = ""
    trip_number: str = ""
    driver_card: str = ""
    seals: list[str] = field(default_factory=list)
    gross_weight_kg: int | None = None
    radiation_alarm: bool | None = None

    def values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    def sha256(self) -> bytes:
        body = self.values() | {"observed_at": self.observed_at.timestamp()}
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).digest()


@dataclass(frozen=True, slots=True)
class Received:
    """`remaining` is the time to the deadline by the database's clock when the row was read."""

    arrival_id: uuid.UUID
    created: bool
    remaining: timedelta


# Where the caller hears nothing before the lane is on the disk, nobody waits for the disk here: the
# log is written in order, so that the lane's commit takes the arrival with it. What a crash forgets
# before that was answered by nobody, and the gate sends it again.
_RECEIVE = f"""
WITH asynchronous AS MATERIALIZED (
    SELECT CASE WHEN %(until_decided)s::boolean
           THEN set_config('synchronous_commit', 'off', true) END AS chosen
), arrived AS (
    INSERT INTO lanes_arrival (
        id, port_id, device_id, event_id, body_sha256, received_at, deadline_at, observed_at,
        direction, lane_group, tag_epc, qr, credential, plate_number, plate_jurisdiction,
        trip_number, driver_card, seals, gross_weight_kg, radiation_alarm)
    SELECT %(id)s, p.code, %(device)s, %(event_id)s::varchar, %(sha256)s, m.moment,
           m.moment + coalesce(f.deadline_ms, p.deadline_ms) * interval '1 millisecond',
           %(observed_at)s, %(direction)s::varchar,
           %(lane_group)s::varchar, %(tag_epc)s::varchar, %(qr)s::text, %(credential)s::text,
           %(plate_number)s::varchar, %(plate_jurisdiction)s::varchar, %(trip_number)s::varchar,
           %(driver_card)s::text, %(seals)s::varchar[], %(gross_weight_kg)s::integer,
           %(radiation_alarm)s::boolean
    FROM lanes_port p CROSS JOIN (SELECT clock_timestamp() AS moment) m
    LEFT JOIN LATERAL (
        SELECT (body->>'deadline_ms')::float8 AS deadline_ms FROM lanes_policy
        WHERE port_id = p.code AND effective_from <= m.moment
        ORDER BY effective_from DESC, version DESC LIMIT 1) f ON true
    WHERE p.code = %(port)s AND (%(key)s::bigint IS NULL OR {KEY_WORKS})
    ON CONFLICT (port_id, event_id) DO NOTHING
    RETURNING id, port_id, received_at, deadline_at
), queued AS (
    INSERT INTO lanes_waiting (arrival_id, port_id, deadline_at)
    SELECT id, port_id, deadline_at FROM arrived
), logged AS (
    INSERT INTO audit_event (action, actor_kind, actor_id, actor_label, subject_kind, subject_id,
                             port_code, request_id, data)
    SELECT 'arrival.received', 'device', %(device)s::text, %(label)s::text, 'arrival', id::text,
           port_id, %(request_id)s::text, jsonb_build_object('event_id', %(event_id)s::text)
    FROM arrived
)
SELECT id, deadline_at - received_at FROM arrived CROSS JOIN asynchronous
"""  # noqa: S608 (our own text)

_FIND = """
SELECT id, body_sha256, deadline_at - clock_timestamp()
FROM lanes_arrival WHERE port_id = %s AND event_id = %s
"""
# Writes a word of nothing to the log, and waits until all that came before is on the disk.
_ON_DISK = "SELECT pg_logical_emit_message(true, 'lanes', '')"
_KEY_WORKS = f"SELECT {KEY_WORKS}"


def receive(
    *,
    report: Report,
    device: Device,
    arrival_id: uuid.UUID,
    request_id: str = "",
    key_id: int | None = None,
    until_decided: bool = False,
) -> Received:
    """Write the arrival as `arrival_id` unless its event id is known; one statement, one commit.

    `until_decided`: the caller is answered with the lane or not at all. Everybody else may be told
    that the arrival was taken as soon as this returns: it is on the disk. `key_id` is the device's
    key, which that statement looks at once more; None where the caller needs none. Raises
    `KeyRefused` where it works no longer, `Refused` (`event_id_reused`) when the same event id came
    with another body.
    """
    sha256 = report.sha256()
    values: dict[str, Any] = report.values() | {
        "id": arrival_id,
        "device": device.pk,
        "label": str(device),
        "sha256": sha256,
        "request_id": request_id,
        "key": key_id,
        "scope": Scope.ARRIVALS_WRITE.value,
        "until_decided": until_decided,
    }
    with prepared_cursor() as cursor:
        cursor.execute(_RECEIVE, values)
        if row := cursor.fetchone():
            return Received(row[0], True, row[1])
        if key_id is not None:
            cursor.execute(_KEY_WORKS, {name: values[name] for name in ("key", "device", "scope")})
            if not cursor.fetchone()[0]:
                raise KeyRefused
        cursor.execute(_FIND, [report.port, report.event_id])
        found, known, remaining = cursor.fetchone()
        if not until_decided:
            cursor.execute(_ON_DISK)
    if bytes(known) != sha256:
        raise Refused(
            "event_id_reused",
            _("This event id was used before, with another body."),
            arrival=str(found),
        )
    return Received(found, False, remaining)


@transaction.atomic
def refuse(
    *, device: Device, code: str, body: Any, errors: list[dict[str, str]], event_id: str, port: str
) -> None:
    """Keep an event that named a truck and could not be accepted."""
    refusal = Refusal.objects.create(
        device=device, code=code, body=body, errors=errors, event_id=event_id, port_code=port
    )
    audit.record(
        "arrival.refused",
        by=device.actor,
        subject_kind="refusal",
        subject_id=refusal.pk,
        port_code=device.port_code,
        data={"code": code, "event_id": event_id},
    )
