"""Which lane, once the route is known."""

from collections.abc import Iterable
from typing import Any, Protocol

from lanes.rules.facts import LaneFacts


class Line(Protocol):
    """A lane's line: whole numbers for one lane, arrays of them for many in a simulation."""

    @property
    def queue(self) -> Any: ...

    @property
    def service_seconds(self) -> Any: ...


def expected_wait(lane: Line) -> Any:
    """Seconds until a truck sent there now would be served, where nobody goes ahead of others."""
    return lane.queue * lane.service_seconds


def wait_for(lane: LaneFacts, route: str, lane_policy: str) -> float:
    """Seconds until a truck with this route, sent there now, would be served.

    With the lane policy `priority` a fast truck goes ahead of the others: before it are the fast
    ones and, where others stand there, whoever is at the booth. A truck to be inspected has
    everybody before it.
    """
    if lane_policy == "priority" and route == "fast" and lane.fast_queue is not None:
        return min(lane.queue, lane.fast_queue + 1) * lane.service_seconds
    return float(expected_wait(lane))


def usable(
    lane: LaneFacts,
    *,
    route: str,
    direction: str,
    group: str,
    load: str | None,
    lane_policy: str = "dedicated",
) -> bool:
    """Whether a truck may be sent to this lane now.

    `group` empty means any approach; `load` None (not known) uses only lanes for any load. The lane
    policy `open` lets others into a fast lane that stands idle, `priority` lets fast trucks into
    every lane.
    """
    own = (
        lane.route == route
        or (lane_policy == "open" and lane.route == "fast" and lane.queue == 0)
        or (lane_policy == "priority" and route == "fast")
    )
    return (
        own
        and lane.open
        and direction in lane.directions
        and (not group or not lane.group or lane.group == group)
        and (lane.load == "any" or lane.load == load)
    )


def choose_lane(
    lanes: Iterable[LaneFacts],
    *,
    route: str,
    direction: str,
    group: str,
    load: str | None,
    lane_policy: str = "dedicated",
) -> LaneFacts | None:
    """The usable lane with the shortest expected wait.

    Equal waits go to a lane of the truck's own route, then to the lower code.
    """
    fitting = [
        lane
        for lane in lanes
        if usable(
            lane,
            route=route,
            direction=direction,
            group=group,
            load=load,
            lane_policy=lane_policy,
        )
    ]
    return min(fitting, key=lambda lane: preference(lane, route, lane_policy), default=None)


def preference(lane: LaneFacts, route: str, lane_policy: str) -> tuple[float, bool, str]:
    """The order among usable lanes: the least comes first."""
    return wait_for(lane, route, lane_policy), lane.route != route, lane.code
