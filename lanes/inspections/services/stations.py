"""The stations of a port: set up, opened, closed."""

from dataclasses import asdict, dataclass
from datetime import datetime, time

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lanes.inspections.models import Facility, JointHours, Station
from lanes.models import Direction, Port
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.services.entries import Entries
from trustedtruck.core.errors import Refused


@dataclass(frozen=True, slots=True)
class StationKind:
    """What a station is; hours are the port's local time, both or none."""

    code: str
    name: str
    kind: str
    capacity: int
    facility: str = Facility.TRUCK_LANES
    opens: time | None = None
    closes: time | None = None


@transaction.atomic
def save_station(*, port: Port, what: StationKind, by: Actor, at: datetime) -> Station:
    """Set a station up, or change the one of this code. Raises `Invalid` with every wrong field."""
    entries = Entries()
    name = entries.need("name", what.name)
    if what.kind not in Station.Kind.values:
        entries.wrong("kind", "unknown_kind", _("There is no such kind of station."))
    if what.facility not in Facility.values:
        entries.wrong("facility", "unknown_facility", _("There is no such facility."))
    if not 1 <= what.capacity <= 500:
        entries.wrong("capacity", "out_of_range", _("Give 1 to 500 trucks at a time."))
    if (what.opens is None) != (what.closes is None):
        entries.wrong("closes", "half_hours", _("Give both times, or none for day and night."))
    entries.done()
    values = asdict(what) | {"name": name}
    station, new = Station.objects.update_or_create(
        port=port, code=values.pop("code"), defaults=values
    )
    audit.record(
        "station.set_up" if new else "station.changed",
        by=by,
        subject_kind="station",
        subject_id=station.pk,
        port_code=port.code,
        data={"station": station.code, "kind": station.kind, "capacity": station.capacity},
    )
    return station


@transaction.atomic
def turn_station(*, station: Station, state: str, by: Actor, at: datetime) -> Station:
    """Open or close a station; trucks that are there or on their way are still inspected."""
    station = Station.objects.select_for_update().get(pk=station.pk)
    if station.state == state:
        raise Refused(
            "station_is_so_already", _("Somebody was faster: the station is in that state.")
        )
    before, station.state = station.state, Station.State(state)
    station.save(update_fields=["state"])
    audit.record(
        "station.turned",
        by=by,
        subject_kind="station",
        subject_id=station.pk,
        port_code=station.port_id,
        data={"station": station.code, "before": before, "after": state},
    )
    return station


@transaction.atomic
def set_joint_hours(
    *, port: Port, direction: str, facility: str, opens: time, closes: time, by: Actor, at: datetime
) -> JointHours:
    """When two countries inspect together there. The same two times: day and night."""
    hours, _new = JointHours.objects.update_or_create(
        port=port,
        direction=Direction(direction),
        facility=Facility(facility),
        defaults={"opens": opens, "closes": closes},
    )
    audit.record(
        "joint_hours.set",
        by=by,
        subject_kind="port",
        subject_id=port.code,
        port_code=port.code,
        data={
            "direction": direction,
            "facility": facility,
            "opens": f"{opens:%H:%M}",
            "closes": f"{closes:%H:%M}",
        },
    )
    return hours
