"""Reading the past where a part of it is in the archive."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, overload

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects

from lanes.models import ArchivedArrival, Arrival, Assignment, Passage, Redirection
from lanes.models.archive import rebuilt


@dataclass(frozen=True, slots=True)
class Archived:
    """One arrival out of the archive, as the models that it was. Not to be saved.

    No officer's order is in the archive, so that the decided route was the one in force.
    """

    arrival: Arrival
    assignment: Assignment
    passages: list[Passage]
    redirections: list[Redirection]

    @property
    def lane_id(self) -> int | None:
        """Of the lane in force: the last one that the truck was sent to."""
        route = self.assignment.route
        moves = [move.lane_id for move in self.redirections if move.route == route]
        return moves[-1] if moves else self.assignment.lane_id


def opened(row: ArchivedArrival) -> Archived:
    arrival = rebuilt(Arrival, row.arrival)
    assignment = rebuilt(Assignment, row.assignment)
    assignment.arrival = arrival
    passages = [rebuilt(Passage, passage) for passage in row.passages]
    return Archived(
        arrival,
        assignment,
        sorted(passages, key=lambda passage: (passage.at, passage.pk)),
        [rebuilt(Redirection, move) for move in row.redirections],
    )


def _all_opened(rows: Iterable[ArchivedArrival]) -> list[Archived]:
    """With what a list of them shows; so many queries for one as for a page."""
    found = [opened(row) for row in rows]
    prefetch_related_objects([past.assignment for past in found], "port", "lane", "truck")
    return found


def archived(arrival_id: uuid.UUID, **where: Any) -> Archived | None:
    """The arrival, where it is in the archive and is as `where` says."""
    row = ArchivedArrival.objects.filter(arrival_id=arrival_id, **where).first()
    return opened(row) if row else None


def crossings_after(
    carrier_id: int, after: tuple[datetime, uuid.UUID] | None, *, before: datetime, limit: int
) -> list[tuple[Assignment, list[Passage]]]:
    """Decisions on a carrier's trucks, the oldest first, living and archived, with the passages.

    Those made before `before`, and behind the decision at `after` where that is given.
    """
    living = Assignment.objects.filter(carrier_id=carrier_id, decided_at__lt=before)
    past = ArchivedArrival.objects.filter(carrier_id=carrier_id, decided_at__lt=before)
    if after is not None:
        at, arrival_id = after
        behind = Q(decided_at__gt=at) | Q(pk__gt=arrival_id)
        living = living.filter(behind, decided_at__gte=at)
        past = past.filter(behind, decided_at__gte=at)
    in_order = Prefetch("arrival__passages", Passage.objects.order_by("at", "pk"))
    living = living.select_related("arrival", "lane", "truck").prefetch_related(in_order)
    found = {
        row.pk: (row, list(row.arrival.passages.all()))
        for row in living.defer("facts").order_by("decided_at", "pk")[:limit]
    }
    # Asked second: what moves meanwhile is in both, and counts once.
    for moved in _all_opened(past.order_by("decided_at", "pk")[:limit]):
        found[moved.assignment.pk] = moved.assignment, moved.passages
    return sorted(found.values(), key=lambda one: (one[0].decided_at, one[0].pk))[:limit]


class Crossings(Sequence[Assignment]):
    """Decisions, the newest first; behind those that live the archived ones. For a paginator."""

    def __init__(self, living: QuerySet[Assignment], archived: QuerySet[ArchivedArrival]) -> None:
        # Those of one commit have one instant: without an order of their own, pages would differ.
        self._living = living.order_by("-decided_at", "-pk")
        self._archived = archived.order_by("-decided_at", "-pk")
        self._first = living.count()

    def __len__(self) -> int:
        return self._first + self._archived.count()

    @overload
    def __getitem__(self, place: int) -> Assignment: ...
    @overload
    def __getitem__(self, place: slice) -> list[Assignment]: ...
    def __getitem__(self, place: int | slice) -> Assignment | list[Assignment]:
        if isinstance(place, int):
            return self[place : place + 1][0]
        start, stop = place.start or 0, place.stop
        found = list(self._living[start:stop])
        first = max(0, start - self._first)
        last = None if stop is None else max(0, stop - self._first)
        if last is None or last > first:
            found += [past.assignment for past in _all_opened(self._archived[first:last])]
        return found
