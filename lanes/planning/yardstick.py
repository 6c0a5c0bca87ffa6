"""The same booths as a simpy model, for comparison. simpy is in requirements-dev.txt only.

One process for each truck, as simpy's own examples do it. The lane is the product's choice, asked
truck by truck.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lanes.planning.simulator import Scenario, traffic
from lanes.planning.simulator.booths import LOADS, ROUTES, Plaza, Trucks, serve
from lanes.planning.simulator.day import plaza
from lanes.planning.simulator.hours import HORIZON, slot_of
from lanes.planning.validation import Check
from lanes.rules.lane_choice import choose_lane
from lanes.rules.policy import Policy

Floats = NDArray[np.float64]


def simpy_begun(here: Plaza, trucks: Trucks, day: int = 0) -> Floats:
    """When each truck of a day reaches its booth, by simpy; nan where not before the horizon.

    Dedicated and open lane policies, one road for all, as simpy's plain resources can do it.
    """
    import simpy

    env = simpy.Environment()
    booths = [simpy.Resource(env) for _ in here.lanes]
    begun = np.full(trucks.arrival.shape[1], np.nan)
    # A signal for the head of the road: something has left a lane.
    left: list[Any] = [env.event()]

    def truck(number: int, request: Any) -> Any:
        with request:
            yield request
            begun[number] = env.now
            yield env.timeout(float(trucks.service[day, number]))
        left[0].succeed()
        left[0] = env.event()

    def choose(kind: int) -> int | None:
        slot = int(slot_of(np.array([env.now]))[0])
        free = [
            replace(lane, queue=booths[n].count + len(booths[n].queue))
            for n, lane in enumerate(here.lanes)
            if here.grid.open[slot, n] and booths[n].count + len(booths[n].queue) < here.storage
        ]
        lane = choose_lane(
            free,
            route=ROUTES[kind],
            direction=here.direction,
            group="",
            load=LOADS[kind],
            lane_policy=here.lane_policy,
        )
        return None if lane is None else here.lanes.index(replace(lane, queue=0))

    def road() -> Any:
        for number in range(trucks.arrival.shape[1]):
            comes = float(trucks.arrival[day, number])
            if comes >= HORIZON:
                return
            if comes > env.now:
                yield env.timeout(comes - env.now)
            kind = int(trucks.kind[day, number])
            while (lane := choose(kind)) is None:
                opens = here.grid.next_open[int(slot_of(np.array([env.now]))[0])]
                opening = float(np.where(opens > env.now, opens, np.inf).min())
                waits = [left[0]]
                if opening < HORIZON:
                    waits.append(env.timeout(opening - env.now))
                yield env.any_of(waits)
            # Asked for here: a new process begins later, and the next choice must see this one.
            env.process(truck(number, booths[lane].request()))

    env.process(road())
    env.run(until=HORIZON)
    return begun


def agreement(*, seed: int = 1) -> Iterator[Check]:
    """The same trucks through simpy and through us: every wait, not only the distribution."""
    for name, scenario in (
        ("8,000 trucks, dedicated", Scenario(trucks=8_000)),
        ("8,000 trucks, open", Scenario(trucks=8_000, policy=Policy(0, lane_policy="open"))),
        ("10,000 trucks, saturated, blocked road", Scenario(trucks=10_000, storage=6)),
    ):
        day = traffic.days(scenario, np.random.SeedSequence(seed).spawn(2))
        trucks = Trucks(day.arrival, day.kind, day.service, np.zeros(day.kind.shape, dtype=bool))
        ours = serve(plaza(scenario), trucks).begun[0] - day.arrival[0]
        theirs = simpy_begun(plaza(scenario), trucks) - day.arrival[0]
        came = np.isfinite(day.arrival[0])
        off = float(np.nanmax(np.abs(ours[came] - theirs[came])))
        same = bool((np.isnan(ours[came]) == np.isnan(theirs[came])).all())
        yield Check(
            f"simpy, {name}: mean and p95 of waits, min; largest difference of any truck, s",
            _said(theirs[came], 0.0),
            _said(ours[came], off),
            same and off < 1e-6,
        )


def _said(waits: Floats, off: float) -> str:
    p95 = float(np.nanquantile(waits, 0.95)) / 60
    return f"{float(np.nanmean(waits)) / 60:.4f}, {p95:.4f}; {off:.6f}"
