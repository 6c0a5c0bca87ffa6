"""Decisions of the past, with all that they were made from."""

import heapq
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from lanes.models import ArchivedArrival, Arrival, Assignment, Policy
from lanes.rules import Facts
from lanes.rules.facts import Seen
from lanes.rules.policy import Policy as Rules

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Stored:
    """One decision as it stands. `facts` is empty where no worker decided."""

    arrival_id: uuid.UUID
    port_code: str
    decided_at: datetime
    decided_by: str
    route: str
    reasons: tuple[str, ...]
    lane_id: int | None
    policy_version: int
    draw: float | None
    facts: dict[str, Any]

    @property
    def by_rules(self) -> bool:
        """A worker decided on facts; else it was closed without looking."""
        return bool(self.facts)

    @property
    def rules_version(self) -> str:
        return str(self.facts.get("rules", ""))

    def read_facts(self) -> Facts:
        """Raises KeyError, TypeError or ValueError for facts of a form that we no longer read."""
        return Facts.from_json(self.facts)


def facts_of(assignment: Assignment) -> Facts:
    """What the truck was decided on; without that only where it goes and how it came."""
    try:
        return Facts.from_json(assignment.facts)
    except (KeyError, TypeError, ValueError):
        arrival = Arrival.objects.only("direction", "lane_group").get(pk=assignment.pk)
        return Facts(Seen(0.0, 0.0, arrival.direction, arrival.lane_group))


def stored_decisions(
    port_code: str | None, start: datetime, end: datetime, *, received: bool = False
) -> Iterator[Stored]:
    """Decisions made from `start` until before `end`, in order; of all ports when none is named.

    With `received` it is the arrivals that lie in the period. A worker's decision whose facts were
    purged (`lanes.retention`) is left out: it is not made again. What was closed without the rules
    is read out of the archive too.
    """
    period = "received_at" if received else "decided_at"
    bounds = {f"{period}__gte": start, f"{period}__lt": end}
    past = ArchivedArrival.objects.filter(**bounds).exclude(decided_by=Assignment.By.WORKER)
    rows: QuerySet[Assignment] = Assignment.objects.filter(
        **({f"arrival__{name}": at for name, at in bounds.items()} if received else bounds)
    )
    rows = rows.exclude(facts={}, decided_by=Assignment.By.WORKER)
    if port_code is not None:
        rows, past = rows.filter(port=port_code), past.filter(port_id=port_code)
    names = ["arrival_id", "port_id", "decided_at", "decided_by", "route", "reasons", "lane_id"]
    names += ["policy_version", "draw", "facts"]
    living = rows.order_by("decided_at", "pk").values_list(*names).iterator(CHUNK)
    archived = (
        (*(getattr(row, name) for name in names[:5]), *(row.assignment[n] for n in names[5:]))
        for row in past.order_by("decided_at", "arrival_id").iterator(CHUNK)
    )
    for row in heapq.merge(living, archived, key=lambda row: (row[2], row[0])):
        arrival, port, at, by, route, reasons, lane, version, draw, facts = row
        yield Stored(arrival, port, at, by, route, tuple(reasons), lane, version, draw, facts)


class Policies:
    """The versions of policies, each read once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], Rules | None] = {}

    def get(self, port_code: str, version: int) -> Rules | None:
        """None for a version that there is not. Version 0 is a port's before its first policy."""
        key = (port_code, version)
        if key not in self._known:
            body = (
                {"sampling_by_tier": {}}
                if version == 0
                else Policy.objects.filter(port=port_code, version=version)
                .values_list("body", flat=True)
                .first()
            )
            self._known[key] = None if body is None else Rules.from_json(version, body)
        return self._known[key]
