"""An arrival from report to lane, in bounded time.

The row is written first, then the workers are nudged, then the request waits: for the decision, for
the caller's patience, or for the deadline, at which it closes the arrival itself. Redis is never
waited for.
"""

import time
import uuid

import structlog
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from lanes import queries, reasons
from lanes.listener import Waiter, listener
from lanes.models import Assignment
from lanes.nudge import nudger
from lanes.queries import Answer
from lanes.services import assign
from lanes.services.receive import Report, receive
from trustedtruck.accounts.models import Device
from trustedtruck.core.errors import Unavailable
from trustedtruck.core.ids import uuid7

log = structlog.get_logger(__name__)


def arrive(
    *,
    report: Report,
    device: Device,
    patience_s: float | None,
    request_id: str = "",
    key_id: int | None = None,
) -> tuple[Answer, bool]:
    """Take an arrival and give its answer; True when the arrival is new.

    `key_id` is the device's key, for `receive` to look at. `patience_s` is how long the caller
    waits at most, None for until the deadline, 0 for not at all. The answer is assigned, unless the
    caller's patience ended before the deadline. Raises what `receive` raises, and `Unavailable`
    (`arrival_lost`) where the database has lost the arrival: it waits for the disk with its lane.
    """
    started = time.monotonic()
    arrival_id = uuid7()
    waiter = listener.register(arrival_id)
    try:
        received = receive(
            report=report,
            device=device,
            arrival_id=arrival_id,
            request_id=request_id,
            key_id=key_id,
            until_decided=patience_s is None,
        )
        if received.created:
            nudger.nudge(report.port, arrival_id)
        else:
            listener.forget(arrival_id, waiter)
            arrival_id = received.arrival_id
            waiter = listener.register(arrival_id)
        deadline = started + received.remaining.total_seconds()
        answer = _wait(
            arrival_id,
            report.port,
            waiter,
            deadline=deadline,
            until=deadline if patience_s is None else min(deadline, started + patience_s),
            look_first=not received.created,
        )
        return answer, received.created
    finally:
        listener.forget(arrival_id, waiter)


def _wait(
    arrival_id: uuid.UUID,
    port_code: str,
    waiter: Waiter,
    *,
    deadline: float,
    until: float,
    look_first: bool,
) -> Answer:
    if look_first and (answer := _answer(arrival_id, port_code)).assigned:
        return answer
    if until > time.monotonic() and listener.waiting > settings.LANES_WAITERS:
        # A queue that only grows helps nobody: what cannot be decided in time is inspected now.
        assign.close([arrival_id], by=Assignment.By.OVERLOAD, reason=reasons.OVERLOAD)
        return _answer(arrival_id, port_code)
    decided = _decided(arrival_id, port_code, waiter, until)
    if decided is None and time.monotonic() >= deadline:
        # This process began to count before the database did, by whose clock it is too late.
        left = queries.until_deadline(arrival_id)
        decided = _decided(arrival_id, port_code, waiter, time.monotonic() + left)
        if decided is None:
            assign.close([arrival_id], by=Assignment.By.DEADLINE, reason=reasons.DEADLINE_PASSED)
    return decided or _answer(arrival_id, port_code)


def _decided(arrival_id: uuid.UUID, port_code: str, waiter: Waiter, until: float) -> Answer | None:
    """The decision as soon as there is one; None when there is none by then."""
    while (left := until - time.monotonic()) > 0:
        if not connection.in_atomic_block:
            connection.close()  # back to the pool: a waiting request must hold no connection
        if not listener.wait(waiter, left):
            continue
        if (answer := waiter.answer or _answer(arrival_id, port_code)).assigned:
            if answer.decided_by == Assignment.By.WORKER:
                nudger.answered()
            return answer
    return None


def _answer(arrival_id: uuid.UUID, port_code: str) -> Answer:
    answer = queries.answer(arrival_id, port_code)
    if answer is None:
        log.error("arrival_lost", arrival=str(arrival_id), port=port_code)
        raise Unavailable(
            "arrival_lost",
            _(
                "The database lost this arrival before it had a lane. Inspect the truck, and report"
                " it again with the same event id."
            ),
        )
    return answer
