"""Parts of the truck's page that come from different subjects, in the order in which they stand.

A new subject (scans, alerts) adds one function to `SECTIONS`. It gives the template of its part and
what this needs, or None where it has nothing to say of this truck.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lanes.inspections.models import Inspection
from lanes.models import Arrival, Assignment
from lanes.reasons import reason_text
from trustedtruck.accounts.can import user_can
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission

EARLIER = 10


@dataclass(frozen=True)
class Section:
    """`name` is the part's anchor; `context` is what `template` finds as `section.context`."""

    name: str
    title: str | Promise
    template: str
    context: dict[str, Any]


def earlier_crossings(arrival: Arrival, assignment: Assignment | None) -> Section | None:
    if assignment is None or assignment.truck_id is None:
        return None
    rows = (
        Assignment.objects.filter(truck=assignment.truck_id, decided_at__lt=arrival.received_at)
        .select_related("lane", "port")
        .order_by("-decided_at")[:EARLIER]
    )
    crossings = [(row, [reason_text(code) for code in row.reasons]) for row in rows]
    title = _("Earlier crossings of this truck")
    return Section("earlier", title, "console/sections/earlier.html", {"crossings": crossings})


def inspection_of(arrival: Arrival, assignment: Assignment | None) -> Section | None:
    found = Inspection.objects.filter(assignment=arrival.pk).select_related("station").first()
    if found is None:
        return None
    template = "console/sections/inspection.html"
    return Section("inspection", _("Inspection"), template, {"inspection": found})


Gather = Callable[[Arrival, Assignment | None], Section | None]
# Each with the permission that its reader needs beside that of the page.
SECTIONS: tuple[tuple[Permission, Gather], ...] = (
    (Permission.INSPECTION_READ, inspection_of),
    (Permission.ARRIVAL_READ, earlier_crossings),
)


def sections(arrival: Arrival, assignment: Assignment | None, officer: User) -> list[Section]:
    found = [
        gather(arrival, assignment)
        for permission, gather in SECTIONS
        if user_can(officer, permission, arrival.port_id)
    ]
    return [section for section in found if section is not None]
