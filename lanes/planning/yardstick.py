"""The same booths as a simpy model, for comparison: requirements-dev.txt has simpy, the product not.

One process for each truck, as simpy's own examples do it. The lane is the product's choice, asked
truck by truck.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lanes.planning.simulator.booths import LOADS, ROUTES, Plaza, Trucks
from lanes.planning.simulator.hours import HORIZON, slot_of
from lanes.rules.lane_choice import choose_lane

Floats = NDArray[np.float64]


def simpy_begun(plaza: Plaza, trucks: Trucks, day: int = 0) -> Floats:
    """When each truck of a day reaches its booth, by simpy; nan where not before the horizon.

    Dedicated and open lane policies, one road for all, as simpy's plain resources can do it.
    """
    import simpy

    env = simpy.Environment()
    booths = [simpy.Resource(env) for _ in plaza.lanes]
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
            for n, lane in enumerate(plaza.lanes)
            if plaza.grid.open[slot, n]
            and booths[n].count + len(booths[n].queue) < plaza.storage
        ]
        lane = choose_lane(
            free,
            route=ROUTES[kind],
            direction=plaza.direction,
            group="",
            load=LOADS[kind],
            lane_policy=plaza.lane_policy,
        )
        return None if lane is None else plaza.lanes.index(replace(lane, queue=0))

    def road() -> Any:
        for number in range(trucks.arrival.shape[1]):
            comes = float(trucks.arrival[day, number])
            if comes >= HORIZON:
                return
            if comes > env.now:
                yield env.timeout(comes - env.now)
            kind = int(trucks.kind[day, number])
            while (lane := choose(kind)) is None:
                opens = plaza.grid.next_open[int(slot_of(np.array([env.now]))[0])]
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


