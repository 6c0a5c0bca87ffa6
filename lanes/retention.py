"""Crossings, once nobody contests them any more: who drove goes, what is counted stays."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from lanes.models import Arrival, Assignment
from trustedtruck.audit.retention import Kind

_READ = ("qr", "credential", "driver_card")


def _crossings(before: datetime, limit: int) -> int:
    # What was closed without the rules has no facts, but readers read it too.
    nothing = {"facts": {}, **{f"arrival__{name}": "" for name in _READ}}
    old = Assignment.objects.filter(decided_at__lt=before).exclude(**nothing)
    found = list(old.values_list("pk", flat=True)[:limit])
    Arrival.objects.filter(pk__in=found).update(**dict.fromkeys(_READ, ""))
    # Without its facts a decision is not made again; route, reasons, lane and times stay.
    return Assignment.objects.filter(pk__in=found).update(
        facts={}, driver=None, driver_credential=None
    )


KINDS = [
    Kind(
        "crossings",
        _("Who drove and what the readers read go; port, time, truck, route and reasons stay."),
        _crossings,
    )
]
