"""Numbers over a port's time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.utils.functional import Promise

from lanes.models import Alarm, Arrival, Assignment
from lanes.reasons import reason_text


@dataclass(frozen=True)
class ShiftNumbers:
    """`reasons` are (sentence, count), the most frequent first."""

    arrivals: int
    fast: int
    inspection: int
    by_deadline: int
    alarms_raised: int
    alarms_closed: int
    reasons: list[tuple[str | Promise, int]]


def shift_numbers(port_code: str, *, since: datetime) -> ShiftNumbers:
    decided = Assignment.objects.filter(port_id=port_code, decided_at__gte=since)
    routes: dict[str, int] = dict(
        decided.values_list("route").annotate(count=Count("pk")).order_by()
    )
    alarms = Alarm.objects.filter(port_id=port_code)
    return ShiftNumbers(
        arrivals=Arrival.objects.filter(port_id=port_code, received_at__gte=since).count(),
        fast=routes.get("fast", 0),
        inspection=routes.get("inspection", 0),
        by_deadline=decided.exclude(decided_by=Assignment.By.WORKER).count(),
        alarms_raised=alarms.filter(at__gte=since).count(),
        alarms_closed=alarms.filter(closed_at__gte=since).count(),
        reasons=_reasons(decided),
    )


def _reasons(decided: Any) -> list[tuple[str | Promise, int]]:
    counts: dict[str, int] = {}
    rows = decided.filter(route="inspection").values_list("reasons").annotate(n=Count("pk"))
    for reasons, count in rows.order_by():
        for reason in reasons:
            counts[reason] = counts.get(reason, 0) + count
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:12]
    return [(reason_text(code), count) for code, count in most]
