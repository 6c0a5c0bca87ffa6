"""The answer to a gate: where the truck goes, and why."""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lanes.models import Lane
from lanes.queries.archive import archived
from lanes.queries.overrides import LANE_ID, STANDING
from trustedtruck.core.prepared import prepared_cursor


@dataclass(frozen=True, slots=True)
class Answer:
    """One arrival as the API shows it; everything after `deadline_at` is None while it waits.

    `lane_…` are of the route in force. `overridden_to` is that route where officers put one above
    the decision, which stays in `route` and `reasons`.
    """

    id: uuid.UUID
    event_id: str
    port: str
    received_at: datetime
    deadline_at: datetime
    route: str | None
    reasons: list[str] | None
    policy_version: int | None
    decided_at: datetime | None
    decided_by: str | None
    lane_code: str | None
    lane_name: str | None
    overridden_to: str | None = None
    override_reason: str | None = None
    overridden_at: datetime | None = None

    @property
    def assigned(self) -> bool:
        return self.route is not None


_ANSWER = f"""
SELECT a.id, a.event_id, a.port_id, a.received_at, a.deadline_at, s.route, s.reasons,
       s.policy_version, s.decided_at, s.decided_by, l.code, l.name, o.route, o.reason,
       o.effective_at
FROM lanes_arrival a
{STANDING}
LEFT JOIN lanes_lane l ON l.id = {LANE_ID}
"""  # noqa: S608  (our own text)
_ONE = f"{_ANSWER} WHERE a.id = %s AND a.port_id = %s"
_MANY = f"{_ANSWER} WHERE a.id = ANY(%s)"


def answer(arrival_id: uuid.UUID, port_code: str) -> Answer | None:
    """The arrival's state, or None when this port has no such arrival."""
    with prepared_cursor() as cursor:
        cursor.execute(_ONE, [arrival_id, port_code])
        row = cursor.fetchone()
    return Answer(*row) if row else None


def past_answer(arrival_id: uuid.UUID, port_code: str) -> Answer | None:
    """The same of an arrival in the archive, where nothing changes any more."""
    past = archived(arrival_id, port_id=port_code)
    if past is None:
        return None
    arrival, decided = past.arrival, past.assignment
    lane = Lane.objects.get(pk=past.lane_id) if past.lane_id else None
    return Answer(
        arrival.pk,
        arrival.event_id,
        arrival.port_id,
        arrival.received_at,
        arrival.deadline_at,
        decided.route,
        decided.reasons,
        decided.policy_version,
        decided.decided_at,
        decided.decided_by,
        lane.code if lane else None,
        lane.name if lane else None,
    )


def told(notice: str) -> dict[uuid.UUID, Answer | None]:
    """What a commit has decided, from its own notification; None where that had no room for it.

    As decided just now: nobody has put a word above it yet.
    """
    found: dict[uuid.UUID, Answer | None] = {}
    for one in json.loads(notice):
        if isinstance(one, str):
            found[uuid.UUID(one)] = None
        else:
            answer = _told(*one)
            found[answer.id] = answer
    return found


def _told(arrival_id: str, event_id: str, port: str, *rest: Any) -> Answer:
    received_at, deadline_at, route, reasons, version, decided_at, *others = rest
    return Answer(
        uuid.UUID(arrival_id),
        event_id,
        port,
        datetime.fromisoformat(received_at),
        datetime.fromisoformat(deadline_at),
        route,
        reasons,
        version,
        datetime.fromisoformat(decided_at),
        *others,
    )


def answers(arrival_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Answer]:
    """The state of arrivals by their ids, whichever port they came to. One query."""
    with prepared_cursor() as cursor:
        cursor.execute(_MANY, [list(arrival_ids)])
        return {row[0]: Answer(*row) for row in cursor.fetchall()}
