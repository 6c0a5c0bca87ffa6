"""Ports and their lanes: opened, changed."""

import re
import zoneinfo
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lanes.models import Lane, Port
from lanes.queries.port import forget
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import FieldError, Invalid

CODE = re.compile(r"[0-9]{4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class NewLane:
    """A lane as a port begins with it; `service_seconds` is the expected time at the booth."""

    code: str
    name: str
    route: str
    state: str
    service_seconds: float
    directions: tuple[str, ...] = ("northbound", "southbound")
    group: str = ""
    load: str = "any"


@transaction.atomic
def open_port(
    *, code: str, name: str, country: str, timezone: str, lanes: Sequence[NewLane], by: Actor
) -> Port:
    """Take a port in, with its lanes. Without a policy yet, every truck is inspected.

    Raises `Invalid` with every wrong field.
    """
    _check(code, timezone)
    port = Port.objects.create(code=code, name=name, country=country, timezone=timezone)
    Lane.objects.bulk_create(
        Lane(port=port, **asdict(lane) | {"directions": list(lane.directions)}) for lane in lanes
    )
    audit.record(
        "port.opened",
        by=by,
        subject_kind="port",
        subject_id=code,
        port_code=code,
        data={"name": name, "lanes": [lane.code for lane in lanes]},
    )
    return port


def _check(code: str, timezone: str) -> None:
    errors = []
    if not CODE.fullmatch(code):
        text = _("A port code is four digits (Schedule D).")
        errors.append(FieldError("code", "port_code", text))
    elif Port.objects.filter(pk=code).exists():
        errors.append(FieldError("code", "taken", _("There is a port with this code.")))
    if timezone not in zoneinfo.available_timezones():
        text = _("Write a time zone of the IANA list, such as America/Chicago.")
        errors.append(FieldError("timezone", "unknown_timezone", text))
    if errors:
        raise Invalid(tuple(errors), _("Some fields are wrong."))


@transaction.atomic
def set_lane_state(*, lane: Lane, state: str, by: Actor) -> Lane:
    """Open or close a lane. A truck that is being sent to it is decided again, or was sent before.

    The committing statement holds the lane's row while it looks, so one of the two comes first.
    """
    lane = Lane.objects.select_for_update().get(pk=lane.pk)
    before, lane.state = lane.state, Lane.State(state)
    lane.save(update_fields=["state"])
    audit.record(
        "lane.state_changed",
        by=by,
        subject_kind="lane",
        subject_id=lane.pk,
        port_code=lane.port_id,
        data={"lane": lane.code, "before": before, "after": state},
    )
    transaction.on_commit(lambda: forget(lane.port_id))
    return lane
