"""Reading the past where a part of it is in the archive."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

from django.db.models import QuerySet

from lanes.models import ArchivedArrival, Arrival, Assignment, Passage
from lanes.models.archive import rebuilt


@dataclass(frozen=True, slots=True)
class Archived:
    """One arrival out of the archive, as the models that it was. Not to be saved."""

    arrival: Arrival
    assignment: Assignment
    passages: list[Passage]


def opened(row: ArchivedArrival) -> Archived:
    arrival = rebuilt(Arrival, row.arrival)
    assignment = rebuilt(Assignment, row.assignment)
    assignment.arrival = arrival
    passages = [rebuilt(Passage, passage) for passage in row.passages]
    return Archived(arrival, assignment, sorted(passages, key=lambda passage: passage.at))


def archived(arrival_id: uuid.UUID, **where: Any) -> Archived | None:
    """The arrival, where it is in the archive and is as `where` says."""
    row = ArchivedArrival.objects.filter(arrival_id=arrival_id, **where).first()
    return opened(row) if row else None


class Crossings(Sequence[Assignment]):
    """Decisions, the newest first; behind those that live the archived ones. For a paginator."""

    def __init__(self, living: QuerySet[Assignment], archived: QuerySet[ArchivedArrival]) -> None:
        self._living = living.order_by("-decided_at")
        self._archived = archived.order_by("-decided_at")
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
            found += [opened(row).assignment for row in self._archived[first:last]]
        return found
