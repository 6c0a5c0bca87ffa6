"""What an officer does to a lane: open it, close it, change what it is for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lanes.models import Direction, Lane, Load, Port, Redirection, Route
from lanes.queries.port import forget
from lanes.services.ports import set_lane_state
from lanes.services.redirect import redirect_from
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import FieldError, Invalid, Refused

LANE_CODE = re.compile(r"[A-Za-z0-9-]{1,16}", re.ASCII)
FIELDS = ("name", "route", "group", "directions", "load", "service_seconds")


@dataclass(frozen=True, slots=True)
class LaneKind:
    """What a lane is for; `service_seconds` is the expected time at its booth."""

    name: str
    route: str
    group: str
    directions: Sequence[str]
    load: str
    service_seconds: float


def open_lane(*, lane: Lane, by: Actor, at: datetime) -> Lane:
    """Trucks are sent there from this commit on. Raises `Refused` when it is open already."""
    return _turn(lane, Lane.State.OPEN, by, at)


def close_lane(*, lane: Lane, by: Actor, at: datetime) -> Lane:
    """No truck is sent there any more; those on their way are sent to other lanes."""
    return _turn(lane, Lane.State.CLOSED, by, at)


@transaction.atomic
def _turn(lane: Lane, state: str, by: Actor, at: datetime) -> Lane:
    # Under the row's lock, so that of two officers who press at once one is told.
    locked = Lane.objects.select_for_update().get(pk=lane.pk)
    if locked.state == state:
        raise Refused("lane_is_so_already", _("Somebody was faster: the lane is in that state."))
    turned = set_lane_state(lane=locked, state=state, by=by)
    if state == Lane.State.CLOSED:
        redirect_from(lane=turned, why=Redirection.Why.CLOSED, by=by, at=at)
    return turned


@transaction.atomic
def add_lane(*, port: Port, code: str, kind: LaneKind, by: Actor, at: datetime) -> Lane:
    """A lane more, closed until an officer opens it. Raises `Invalid` with every wrong field."""
    wrong = _faults(kind)
    if not LANE_CODE.fullmatch(code):
        text = _("Letters, digits and hyphens, at most 16.")
        wrong.append(FieldError("code", "lane_code", text))
    elif Lane.objects.filter(port=port, code=code).exists():
        text = _("There is a lane with this code at this port.")
        wrong.append(FieldError("code", "taken", text))
    if wrong:
        raise Invalid(tuple(wrong), _("Some fields are wrong."))
    values = {field: getattr(kind, field) for field in FIELDS}
    values["directions"] = list(kind.directions)
    lane = Lane.objects.create(port=port, code=code, state=Lane.State.CLOSED, **values)
    audit.record(
        "lane.added",
        by=by,
        subject_kind="lane",
        subject_id=lane.pk,
        port_code=lane.port_id,
        data={"lane": lane.code, "after": values},
    )
    transaction.on_commit(lambda: forget(lane.port_id))
    return lane


@transaction.atomic
def change_lane(*, lane: Lane, kind: LaneKind, reason: str, by: Actor, at: datetime) -> Lane:
    """Change what a lane is for; the next decision sees it, the one being committed looks again.

    Trucks on their way for which it is no longer the lane are sent elsewhere. Raises `Invalid` with
    every wrong field.
    """
    if wrong := _faults(kind):
        raise Invalid(tuple(wrong), _("Some fields are wrong."))
    lane = Lane.objects.select_for_update().get(pk=lane.pk)
    before = {field: getattr(lane, field) for field in FIELDS}
    for field in FIELDS:
        setattr(lane, field, getattr(kind, field))
    lane.directions = list(kind.directions)
    after = {field: getattr(lane, field) for field in FIELDS}
    lane.save(update_fields=FIELDS)
    audit.record(
        "lane.changed",
        by=by,
        subject_kind="lane",
        subject_id=lane.pk,
        port_code=lane.port_id,
        data={"lane": lane.code, "reason": reason, "before": before, "after": after},
    )
    redirect_from(lane=lane, why=Redirection.Why.CHANGED, by=by, at=at)
    transaction.on_commit(lambda: forget(lane.port_id))
    return lane


def _faults(kind: LaneKind) -> list[FieldError]:
    errors = []
    if kind.route not in Route.values:
        errors.append(FieldError("route", "unknown_route", _("There is no such route.")))
    if kind.load not in Load.values:
        errors.append(FieldError("load", "unknown_load", _("There is no such kind of load.")))
    if not kind.directions or not set(kind.directions) <= set(Direction.values):
        errors.append(
            FieldError("directions", "unknown_direction", _("Name at least one direction."))
        )
    if not 1 <= kind.service_seconds <= 3600:
        errors.append(
            FieldError("service_seconds", "out_of_range", _("Give 1 to 3600 seconds per truck."))
        )
    return errors
