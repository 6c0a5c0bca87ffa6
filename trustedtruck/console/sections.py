"""Parts of the truck's page that come from different subjects, in the order in which they stand.

A new subject (scans, alerts) adds one function to `SECTIONS`. It gives the template of its part and
what this needs, or None where it has nothing to say of this truck.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lanes.inspections.models import Inspection
from lanes.models import Arrival, Assignment
from lanes.reasons import reason_text
from trustedtruck.accounts.can import user_can
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.alerts.models import Hit
from trustedtruck.alerts.queries.visible import is_foreign, seen_by
from trustedtruck.console.inspections import scope

EARLIER = 10


@dataclass(frozen=True)
class Section:
    """`name` is the part's anchor; `context` is what `template` finds as `section.context`.

    `names` are the alerts of it that name somebody, for the record of who looked.
    """

    name: str
    title: str | Promise
    template: str
    context: dict[str, Any]
    names: tuple[object, ...] = ()


def earlier_crossings(
    arrival: Arrival, assignment: Assignment | None, officer: User
) -> Section | None:
    """At the officer's ports, as on the truck's own page."""
    if assignment is None or assignment.truck_id is None:
        return None
    rows = (
        Assignment.objects.filter(truck=assignment.truck_id, port__in=officer.ports)
        .filter(decided_at__lt=arrival.received_at)
        .select_related("lane", "port")
        .order_by("-decided_at")[:EARLIER]
    )
    crossings = [(row, [reason_text(code) for code in row.reasons]) for row in rows]
    title = _("Earlier crossings of this truck")
    return Section("earlier", title, "console/sections/earlier.html", {"crossings": crossings})


def inspection_of(arrival: Arrival, assignment: Assignment | None, officer: User) -> Section | None:
    rows = Inspection.objects.filter(scope.seen_by(officer, arrival.port_id))
    found = rows.filter(assignment=arrival.pk).select_related("station").first()
    if found is None:
        return None
    template = "console/sections/inspection.html"
    return Section("inspection", _("Inspection"), template, {"inspection": found})


def alerts_on(arrival: Arrival, assignment: Assignment | None, officer: User) -> Section | None:
    """The hits of this truck and of its trip, each as far as its mark lets this officer see."""
    trip = ((assignment.facts.get("trip") or {}) if assignment else {}).get("trip_number", "")
    rows = Hit.objects.filter(
        Q(subject_kind=Hit.Subject.ARRIVAL, ref=str(arrival.pk))
        | Q(subject_kind=Hit.Subject.TRIP, ref=trip)
    ).select_related("alert__owner")
    people = user_can(officer, Permission.PERSON_READ, arrival.port_id)
    # Of an alert that met both the filing and the truck, the truck's hit.
    hits = {hit.alert_id: hit for hit in rows.order_by("-subject_kind", "at")}
    entries = [(hit, seen_by(hit.alert, officer, people=people)) for hit in hits.values()]
    if is_foreign(officer):
        entries = [(hit, seen) for hit, seen in entries if seen.whole]
    if not entries:
        return None
    names = tuple(hit.alert.public_id for hit, seen in entries if seen.names)
    template = "console/sections/alerts.html"
    return Section("alerts", _("Alerts"), template, {"entries": entries}, names)


Gather = Callable[[Arrival, Assignment | None, User], Section | None]
# Each with the permission that its reader needs beside that of the page.
SECTIONS: tuple[tuple[Permission, Gather], ...] = (
    (Permission.ALERT_READ, alerts_on),
    (Permission.JOINT_READ, inspection_of),
    (Permission.ARRIVAL_READ, earlier_crossings),
)


def sections(arrival: Arrival, assignment: Assignment | None, officer: User) -> list[Section]:
    found = [
        gather(arrival, assignment, officer)
        for permission, gather in SECTIONS
        if user_can(officer, permission, arrival.port_id)
    ]
    return [section for section in found if section is not None]
