"""What an appeal is against, so that its judge need not look for it."""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from lanes.models import ArchivedArrival, Assignment
from lanes.queries.archive import opened
from lanes.reasons import for_carriers, reason_text
from trustedtruck.carriers.models import Appeal, Application, Measure


def contested(appeals: Sequence[Appeal]) -> dict[str, str]:
    """By the appeals' `subject_id`: the sanction, the day of the rejection, or the crossing."""

    def named(against: Appeal.Against) -> list[str]:
        return [appeal.subject_id for appeal in appeals if appeal.against == against]

    found = {}
    for measure in Measure.objects.filter(public_id__in=named(Appeal.Against.MEASURE)):
        found[str(measure.public_id)] = (
            f"{measure.get_grade_display()}, {measure.imposed_at:%Y-%m-%d}"
        )
    for row in Application.objects.filter(public_id__in=named(Appeal.Against.APPLICATION)):
        found[str(row.public_id)] = f"{row.decided_at:%Y-%m-%d}" if row.decided_at else ""
    for crossing in _crossings(named(Appeal.Against.CROSSING)):
        found[str(crossing.pk)] = _words(crossing)
    return found


def _crossings(ids: Iterable[str]) -> Iterator[Assignment]:
    wanted = {UUID(one) for one in ids}
    if not wanted:
        return
    rows = Assignment.objects.filter(pk__in=wanted).select_related("port", "truck").defer("facts")
    for row in rows:
        wanted.discard(row.pk)
        yield row
    for past in ArchivedArrival.objects.filter(arrival_id__in=wanted):
        yield opened(past).assignment


def _words(crossing: Assignment) -> str:
    """Place, time there, truck, route, and the reasons as the carrier was told them."""
    at = crossing.decided_at.astimezone(ZoneInfo(crossing.port.timezone))
    reasons = " ".join(str(reason_text(code)) for code in for_carriers(crossing.reasons))
    truck = f", {crossing.truck}" if crossing.truck else ""
    return (
        f"{crossing.port.name}, {at:%Y-%m-%d %H:%M}{truck}:"
        f" {crossing.get_route_display()}. {reasons}"
    )
