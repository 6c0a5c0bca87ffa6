"""A truck passes a point: recorded once, and compared with what was decided for it."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lanes import queries
from lanes.models import Alarm, Arrival, Lane, Passage, Route
from lanes.services.alarms import raise_alarm
from trustedtruck.accounts.models import Device
from trustedtruck.audit import services as audit
from trustedtruck.core.errors import NotFound, Refused
from trustedtruck.manifests.services.arrivals import mark_arrived


@transaction.atomic
def report_passage(
    *,
    arrival_id: uuid.UUID,
    device: Device,
    event_id: str,
    point: str,
    lane: Lane | None,
    at: datetime,
    port_code: str,
) -> tuple[Passage, bool]:
    """Record a passage; the same event again gives the same row, and False.

    The gate has the last word on where the truck really went. A truck let into a fast lane without
    a decision for it is an alarm; one inspected in spite of a fast decision is only recorded.
    Raises `NotFound`, or `Refused` when the event id came with another body before.
    """
    arrival = Arrival.objects.filter(pk=arrival_id, port_id=port_code).only("trip_number").first()
    if arrival is None:
        raise NotFound("arrival_unknown", _("There is no such arrival at this port."))
    passage, created = Passage.objects.select_related("lane").get_or_create(
        arrival_id=arrival_id,
        event_id=event_id,
        defaults={
            "port_id": port_code,
            "device": device,
            "point": point,
            "lane": lane,
            "at": at,
        },
    )
    if not created:
        if (passage.point, passage.lane, passage.at) != (point, lane, at):
            raise Refused("event_id_reused", _("This event id was used before, with another body."))
        return passage, False
    executed = _executed(arrival_id, lane) if point == Passage.Point.LANE else {}
    audit.record(
        "arrival.passed",
        by=device.actor,
        subject_kind="arrival",
        subject_id=arrival_id,
        port_code=port_code,
        data={
            "point": point,
            "lane": lane.code if lane else None,
            "at": at.isoformat(),
            **executed,
        },
    )
    if point == Passage.Point.EXIT and arrival.trip_number:
        # Out of the port: the manifest has served, and carries no second truck through.
        mark_arrived(trip_number=arrival.trip_number, by=device.actor, at=at)
    if executed.get("executed") == Route.FAST:
        raise_alarm(
            kind=Alarm.Kind.FAST_WITHOUT_DECISION,
            arrival_id=arrival_id,
            port_code=port_code,
            data={"lane": lane.code if lane else None, **executed},
            by=device.actor,
            at=at,
        )
    return passage, True


def _executed(arrival_id: uuid.UUID, lane: Lane | None) -> dict[str, str | None]:
    """What was decided or overridden and what was done, where the two differ; else nothing."""
    decided, sent_to = queries.route_and_lane_in_force(arrival_id) or (None, None)
    if lane is None or lane.route == decided or lane.pk == sent_to:
        return {}
    return {"decided": decided, "executed": lane.route}
