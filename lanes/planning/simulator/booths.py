"""The booths of many days at once: the same step of every replication in one array operation.

A truck stands on the approach road until it is at its head and a lane that it may use has room.
There it gets its lane as at the gate: by `lanes.rules.lane_choice`, from the lines of this moment.
In its lane it waits for the booth. Whoever is at the head of the road blocks those behind.

`storage` is how many trucks fit between the head of the road and the end of a booth. With 1 the
road is one common line, whose head takes the next free booth: the textbook's M/M/c for
exponential times.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from lanes.planning.simulator.hours import HORIZON, Grid, slot_of
from lanes.rules.facts import LaneFacts
from lanes.rules.lane_choice import expected_wait, preference, usable

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
FAST, STANDARD, EMPTY = 0, 1, 2
CLASSES = (FAST, STANDARD, EMPTY)
ROUTES = {FAST: "fast", STANDARD: "inspection", EMPTY: "inspection"}
LOADS = {FAST: "laden", STANDARD: "laden", EMPTY: "empty"}


@dataclass(frozen=True, slots=True)
class Trucks:
    """Trucks of so many days: arrays of shape (days, trucks), in the order of their arrival.

    A day with fewer trucks than another is filled up with arrivals at infinity. `ahead` marks the
    trucks that a road of their own leads past the others.
    """

    arrival: Floats
    kind: Whole
    service: Floats
    ahead: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Plaza:
    """`lanes` in the order of their codes, with `grid` saying when each is open."""

    lanes: tuple[LaneFacts, ...]
    grid: Grid
    storage: int
    lane_policy: str
    direction: str = "northbound"


@dataclass(frozen=True, slots=True)
class Served:
    """When each truck left the road, when its booth began with it, and which lane; -1 and nan:
    not served before the horizon."""

    entered: Floats
    begun: Floats
    lane: Whole


def serve(plaza: Plaza, trucks: Trucks) -> Served:
    """Run all days at once."""
    return _Run(plaza, trucks).run()


class _Run:
    def __init__(self, plaza: Plaza, trucks: Trucks) -> None:
        self.plaza, self.trucks = plaza, trucks
        days, count = trucks.arrival.shape
        lanes = len(plaza.lanes)
        self.days, self.lanes = np.arange(days), lanes
        self.entered = np.full((days, count), np.nan)
        self.begun = np.full((days, count), np.nan)
        self.lane = np.full((days, count), -1, dtype=np.int64)
        # Where flat arrays are indexed, row * width + column: half the cost of two indices.
        self.row = self.days * count
        self.lane_row = self.days * lanes
        self.flat_service = trucks.service.ravel()
        # One more than there are: what stands at the head of an empty road.
        self.kind = np.concatenate([trucks.kind, np.zeros((days, 1), dtype=np.int64)], axis=1)
        self.flat_begun = self.begun.ravel()
        self.busy_until = np.zeros((days, lanes))
        self.waiting = np.zeros((days, lanes), dtype=np.int64)
        self.room = max(plaza.storage, 1)
        # Two lines in each lane; the first is that of trucks which go ahead of the others.
        self.rings = np.zeros((2, days * lanes, self.room), dtype=np.int64)
        self.heads = np.zeros((2, days * lanes), dtype=np.int64)
        self.sizes = np.zeros((2, days * lanes), dtype=np.int64)
        self.service_seconds = np.array([lane.service_seconds for lane in plaza.lanes])
        self.idle, self.taken, self.rank = _tables(plaza)
        self.first_line = plaza.lane_policy == "priority"

    def run(self) -> Served:
        roads = _Roads(self.trucks)
        while True:
            road, at, truck = roads.next()
            going = at < HORIZON
            if not going.any():
                return Served(self.entered, self.begun, self.lane)
            self._advance(np.where(going, at, 0.0))
            entered = self._enter(roads, road, at, truck, going)
            roads.move(road, entered)

    def _advance(self, at: Floats) -> None:
        """Let every booth that has become free take the next truck of its line."""
        limit = at[:, None]
        while True:
            free = np.flatnonzero((self.waiting > 0) & (self.busy_until <= limit))
            if not free.size:
                return
            line = (self.sizes[0][free] == 0).astype(np.int64)
            head = self.heads[line, free]
            truck = self.rings[line, free, head]
            self.heads[line, free] = (head + 1) % self.room
            self.sizes[line, free] -= 1
            self.waiting.ravel()[free] -= 1
            busy = self.busy_until.ravel()
            place = free // self.lanes * self.trucks.arrival.shape[1] + truck
            self.flat_begun[place] = busy[free]
            busy[free] += self.flat_service[place]

    def _enter(
        self,
        roads: "_Roads",
        road: Whole,
        at: Floats,
        truck: Whole,
        going: NDArray[np.bool_],
    ) -> NDArray[np.bool_]:
        """Give lanes to the trucks at the heads of the roads; which of them found room."""
        kind = self.kind[self.days, truck]
        queue = self.waiting + (self.busy_until > at[:, None])
        slot = slot_of(np.where(going, at, 0.0))
        fits = np.where(queue == 0, self.idle[kind], self.taken[kind])
        free = fits & self.plaza.grid.open[slot] & (queue < self.room)
        # Whoever goes first has before it who also does, and whoever is at the booth.
        first = self.first_line & (kind == FAST)
        line = np.where(first[:, None], queue - self.sizes[1].reshape(queue.shape), queue)
        wait: Floats = expected_wait(
            SimpleNamespace(queue=line, service_seconds=self.service_seconds)
        )
        wait = np.where(free, wait + self.rank[kind], np.inf)
        lane = wait.argmin(axis=1)
        found: NDArray[np.bool_] = going & (wait[self.days, lane] < np.inf)
        days = np.flatnonzero(found)
        self._place(days, lane[days], truck[days], kind[days], at[days])
        stuck = going & ~found
        if stuck.any():
            roads.hold(stuck, road, self._room_at(stuck, at, kind, slot))
        return found

    def _place(self, days: Whole, lane: Whole, truck: Whole, kind: Whole, at: Floats) -> None:
        place = self.row[days] + truck
        booth = self.lane_row[days] + lane
        self.entered.ravel()[place] = at
        self.lane.ravel()[place] = lane
        busy = self.busy_until.ravel()
        begins = (busy[booth] <= at) & (self.waiting.ravel()[booth] == 0)
        now, here = booth[begins], place[begins]
        self.flat_begun[here] = at[begins]
        busy[now] = at[begins] + self.flat_service[here]
        later = ~begins
        if later.any():
            line = np.ones(len(booth), dtype=np.int64)
            if self.first_line:
                line[kind == FAST] = 0
            line, booth = line[later], booth[later]
            end = (self.heads[line, booth] + self.sizes[line, booth]) % self.room
            self.rings[line, booth, end] = truck[later]
            self.sizes[line, booth] += 1
            self.waiting.ravel()[booth] += 1

    def _room_at(self, stuck: NDArray[np.bool_], at: Floats, kind: Whole, slot: Whole) -> Floats:
        """The next instant at which a lane may have room: a booth ends, or a lane opens."""
        rows = np.flatnonzero(stuck)
        may = self.idle[kind[rows]]
        opens = self.plaza.grid.next_open[slot[rows]]
        ends = self.busy_until[rows]
        now = at[rows, None]
        # A booth that ends later than now makes room then; an idle one waits for its hours.
        following = np.where(
            ends > now, np.maximum(ends, np.where(opens > now, opens, ends)), opens
        )
        following = np.where(may & (following > now), following, np.inf)
        return np.asarray(following.min(axis=1))


class _Roads:
    """The roads to the plaza: one for all, or a second one for those who go ahead."""

    def __init__(self, trucks: Trucks) -> None:
        days, count = trucks.arrival.shape
        self.rows = np.arange(days)
        order = np.argsort(~trucks.ahead, axis=1, kind="stable")
        ahead = trucks.ahead.sum(axis=1)
        self.width = count + 1
        self.queue = np.full((2, days, self.width), count, dtype=np.int64)
        arrival = np.concatenate([trucks.arrival, np.full((days, 1), np.inf)], axis=1)
        position = np.arange(count)
        for road, begin, size in ((0, 0 * ahead, ahead), (1, ahead, count - ahead)):
            take = position[None, :] < size[:, None]
            source = np.minimum(begin[:, None] + position[None, :], count - 1)
            trucks_of = np.take_along_axis(order, source, axis=1)
            self.queue[road, :, :count] = np.where(take, trucks_of, count)
        self.arrival = arrival
        self.at = np.zeros((2, days), dtype=np.int64)
        self.held = np.zeros((2, days))
        self.truck = self.queue[:, :, 0].copy()
        self.when = np.take_along_axis(arrival[None], self.truck[:, :, None], axis=2)[:, :, 0]
        self.ahead = bool(trucks.ahead.any())

    def next(self) -> tuple[Whole, Floats, Whole]:
        """For each day: the road whose head moves first, when, and which truck it is."""
        if not self.ahead:
            return np.ones_like(self.rows), self.when[1], self.truck[1]
        road = (self.when[1] < self.when[0]).astype(np.int64)
        return road, self.when[road, self.rows], self.truck[road, self.rows]

    def hold(self, stuck: NDArray[np.bool_], road: Whole, until: Floats) -> None:
        rows = self.rows[stuck]
        self.when[road[stuck], rows] = until

    def move(self, road: Whole, entered: NDArray[np.bool_]) -> None:
        """The heads that found room are gone; the next ones come up, not before them."""
        rows = self.rows[entered]
        road = road[entered]
        self.at[road, rows] += 1
        truck = self.queue[road, rows, self.at[road, rows]]
        self.truck[road, rows] = truck
        self.when[road, rows] = np.maximum(self.arrival[rows, truck], self.when[road, rows])


def _tables(
    plaza: Plaza,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Floats]:
    """What the product's own lane choice says of each class at an idle and at a taken lane.

    And the order among lanes whose wait is the same, as fractions far below a second.
    """
    shape = (len(CLASSES), len(plaza.lanes))
    fits = np.zeros((2, *shape), dtype=bool)
    rank = np.zeros(shape)
    for kind in CLASSES:
        route = ROUTES[kind]
        for index, lane in enumerate(plaza.lanes):
            for queue in (0, 1):
                fits[queue, kind, index] = usable(
                    _with_queue(lane, queue),
                    route=route,
                    direction=plaza.direction,
                    group="",
                    load=LOADS[kind],
                    lane_policy=plaza.lane_policy,
                )
        order: Sequence[int] = sorted(
            range(len(plaza.lanes)),
            key=lambda i: preference(_with_queue(plaza.lanes[i], 0), route, plaza.lane_policy),
        )
        rank[kind, list(order)] = np.arange(len(order)) * 1e-9
    return fits[0], fits[1], rank


def _with_queue(lane: LaneFacts, queue: int) -> LaneFacts:
    return LaneFacts(
        lane.id,
        lane.code,
        lane.route,
        lane.group,
        True,
        lane.directions,
        lane.load,
        queue,
        lane.service_seconds,
    )
