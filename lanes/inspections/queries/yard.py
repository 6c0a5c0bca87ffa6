"""The yard of a port: its stations, the trucks in it, and how long each step took."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lanes.inspections.models import Inspection, Station
from lanes.inspections.states import OPEN, InspectionState
from lanes.models import Passage

SHOWN = 200
# Trucks at or on their way to a station take its places.
_THERE = Q(inspections__state__in=[InspectionState.ORDERED, InspectionState.AT_STATION])


def stations_of(port_code: str) -> QuerySet[Station]:
    """With `there`, the trucks that take its places now."""
    rows = Station.objects.filter(port=port_code)
    return rows.annotate(there=Count("inspections", filter=_THERE)).order_by("code")


def yard_of(port_code: str, *, only: Q) -> list[Inspection]:
    """Open inspections: held, at a station, ordered, referred; of each the newest first."""
    order = [InspectionState.HELD, InspectionState.AT_STATION, InspectionState.ORDERED]
    rank = Case(
        *[When(state=state, then=Value(place)) for place, state in enumerate(order)],
        default=Value(len(order)),
    )
    rows = Inspection.objects.filter(only, port=port_code, state__in=OPEN).select_related(
        "assignment__arrival", "carrier", "station"
    )
    return list(rows.order_by(rank, "-opened_at")[:SHOWN])


def tags_here(port_code: str) -> set[str]:
    """Tags of the trucks whose inspection is open."""
    rows = Inspection.objects.filter(port=port_code, state__in=OPEN)
    return set(rows.values_list("assignment__arrival__tag_epc", flat=True))


@dataclass(frozen=True, slots=True)
class Step:
    """A step that a truck took, when, and how long after its arrival."""

    name: str | Promise
    at: datetime
    after: timedelta


def times_of(inspection: Inspection) -> list[Step]:
    """Passages, order, appearance, images, verdicts, exams and end, in the order of time."""
    arrival = inspection.assignment.arrival
    begin = arrival.received_at
    moments: list[tuple[str | Promise, datetime | None]] = [
        (passage.get_point_display(), passage.received_at)
        for passage in Passage.objects.filter(arrival=arrival)
    ]
    moments += [
        (_("ordered to a station"), inspection.ordered_at),
        (_("appeared at the station"), inspection.appeared_at),
        (_("closed"), inspection.closed_at),
    ]
    for scan in inspection.scans.prefetch_related("images", "verdicts"):
        moments += [(_("image of the scan"), image.received_at) for image in scan.images.all()]
        moments += [(_("verdict on the scan"), verdict.given_at) for verdict in scan.verdicts.all()]
    for exam in inspection.exams.all():
        moments += [(_("exam signed"), exam.submitted_at), (_("exam approved"), exam.approved_at)]
    steps = [Step(name, at, at - begin) for name, at in moments if at is not None]
    return sorted(steps, key=lambda step: step.at)
