"""Exams that are owed, as a port without the arrivals of before can know of them."""

from typing import Any

from django.db.models import Q

from lanes.models import OwedExam
from trustedtruck.credentials.models import Credential, Hold
from trustedtruck.credentials.states import LIVE


def as_holds(_port_code: str) -> list[dict[str, Any]]:
    """A hold for each live credential of a truck or driver that owes an exam.

    Their ids are negative, so that they never meet those of officers' holds.
    """
    exams = OwedExam.objects.filter(settled_at__isnull=True)
    trucks = dict(exams.exclude(truck=None).values_list("truck", "ordered_at"))
    drivers = dict(exams.exclude(driver=None).values_list("driver", "ordered_at"))
    live = Credential.objects.filter(
        Q(truck__in=trucks) | Q(driver__in=drivers), state__in=LIVE
    ).order_by("pk")
    found = []
    for pk, truck, driver in live.values_list("pk", "truck", "driver"):
        row = dict.fromkeys((f.attname for f in Hold._meta.concrete_fields), None)
        placed_at = trucks[truck] if truck in trucks else drivers[driver]
        values = {"id": -pk, "credential_id": pk, "note": "exam owed", "placed_at": placed_at}
        found.append({**row, **values})
    return found
