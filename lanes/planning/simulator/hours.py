"""When lanes and stations are open: officers' shifts, as a grid of quarter hours."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

HOUR, SLOT, DAY = 3600.0, 900.0, 86_400.0
SLOTS_A_DAY = 96
# A day is simulated with the one after it, in which those who were left over are served.
DAYS = 2
HORIZON = DAYS * DAY
KINDS = ("fast", "standard", "nii", "docks", "partner")


@dataclass(frozen=True, slots=True)
class Shift:
    """Officers at so many places of each kind, from one hour of the day to another.

    `end` is exclusive and at most 24; hours may have quarters (7.25). The partner's places are
    those of the other country's officers.
    """

    start: float
    end: float
    fast: int = 0
    standard: int = 0
    nii: int = 0
    docks: int = 0
    partner: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Shift":
        return cls(**value)

    @property
    def officers(self) -> int:
        return sum(getattr(self, kind) for kind in KINDS)


def open_places(shifts: Sequence[Shift], kind: str) -> NDArray[np.int64]:
    """Places of a kind that are open in each quarter hour of a day."""
    found = np.zeros(SLOTS_A_DAY, dtype=np.int64)
    for shift in shifts:
        found[round(shift.start * 4) : round(shift.end * 4)] += getattr(shift, kind)
    return found


@dataclass(frozen=True, slots=True)
class Grid:
    """`open[slot, place]`, and the instant from which a place is next open (inf: never).

    The last row answers for all that comes after the horizon: closed.
    """

    open: NDArray[np.bool_]
    next_open: NDArray[np.float64]

    @property
    def places(self) -> int:
        return int(self.open.shape[1])

    @classmethod
    def of(cls, places: Sequence[NDArray[np.int64]]) -> "Grid":
        """One column for each place: of so many places, the first ones are the ones open."""
        columns = [
            counts > index for counts in places for index in range(int(counts.max(initial=0)))
        ]
        day = np.array(columns, dtype=bool).reshape(len(columns), SLOTS_A_DAY).T
        closed = np.zeros((1, day.shape[1]), dtype=bool)
        both = np.concatenate([day] * DAYS + [closed])
        following = np.full(both.shape, np.inf)
        for slot in range(len(both) - 2, -1, -1):
            following[slot] = np.where(both[slot], slot * SLOT, following[slot + 1])
        return cls(both, following)

    @classmethod
    def always(cls, places: int) -> "Grid":
        return cls.of([np.full(SLOTS_A_DAY, places)])


def slot_of(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.minimum(seconds // SLOT, DAYS * SLOTS_A_DAY).astype(np.int64)


def officer_hours(shifts: Sequence[Shift]) -> float:
    return sum((shift.end - shift.start) * shift.officers for shift in shifts)
