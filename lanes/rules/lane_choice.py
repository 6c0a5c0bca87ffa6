"""Which lane, once the route is known."""

from collections.abc import Iterable

from lanes.rules.facts import LaneFacts


def expected_wait(lane: LaneFacts) -> float:
    """Seconds until a truck sent there now would be served."""
    return lane.queue * lane.service_seconds


def choose_lane(
    lanes: Iterable[LaneFacts], *, route: str, direction: str, group: str, load: str | None
) -> LaneFacts | None:
    """The open lane with the shortest expected wait; equal waits go to the lower code.

    `group` empty means any approach; `load` None (not known) uses only lanes for any load.
    """
    fitting = [
        lane
        for lane in lanes
        if lane.open
        and lane.route == route
        and direction in lane.directions
        and (not group or not lane.group or lane.group == group)
        and (lane.load == "any" or lane.load == load)
    ]
    return min(fitting, key=lambda lane: (expected_wait(lane), lane.code), default=None)
