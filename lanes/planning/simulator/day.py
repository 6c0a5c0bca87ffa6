"""A truck's way through a simulated day: other country, road, booth, scan, dock, exit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lanes.planning.simulator import traffic
from lanes.planning.simulator.booths import ROUTES, STANDARD, Plaza, Served, Trucks, serve
from lanes.planning.simulator.hours import Grid, open_places
from lanes.planning.simulator.scenario import Scenario
from lanes.planning.simulator.stations import pooled
from lanes.rules.facts import LaneFacts

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
FAST_ROUTE, OTHER_ROUTE = ROUTES[0], ROUTES[STANDARD]


@dataclass(frozen=True, slots=True)
class Lived:
    """What happened, in arrays of (days, trucks); nan where it did not happen.

    `due` is when the truck came to our road (later than `day.arrival` where the other country
    inspected it before), `left` when it left the port.
    """

    day: traffic.Day
    due: Floats
    booth: Served
    booth_left: Floats
    nii_begun: Floats
    dock_begun: Floats
    dock_time: Floats
    partner_begun: Floats
    left: Floats


def plaza(scenario: Scenario) -> Plaza:
    """The lanes as the product knows them: the fast ones have the lower codes."""
    lanes: list[LaneFacts] = []
    opened = []
    for kind, route, time in (
        ("fast", FAST_ROUTE, scenario.times.fast),
        ("standard", OTHER_ROUTE, scenario.times.standard),
    ):
        places = open_places(scenario.shifts, kind)
        opened.append(places)
        for _ in range(int(places.max(initial=0))):
            number = len(lanes) + 1
            lanes.append(
                LaneFacts(
                    number,
                    f"{number:02d}",
                    route,
                    "",
                    True,
                    ("northbound",),
                    "any",
                    0,
                    time.mean,
                )
            )
    return Plaza(tuple(lanes), Grid.of(opened), scenario.storage, scenario.policy.lane_policy)


def live(scenario: Scenario, seeds: list[np.random.SeedSequence]) -> Lived:
    """One day for each seed."""
    day = traffic.days(scenario, seeds)
    before = day.partner & (scenario.partner == "before")
    joint = day.partner & (scenario.partner == "joint")
    partner_begun = pooled(
        np.where(before, day.arrival, np.inf), day.partner_time, _grid(scenario, "partner")
    )
    due = np.where(before, partner_begun + day.partner_time, day.arrival)
    # Who never gets through the other country's inspection never comes to our road.
    due = np.where(np.isnan(due), np.inf, due)
    booth = _booths(scenario, day, due)
    booth_left = booth.begun + day.service

    # What both countries want to see is unloaded, by each of them or by both together.
    scanned = day.sent & ~day.partner & (scenario.method == "nii")
    nii_begun = pooled(_come(scanned, booth_left), day.nii, _grid(scenario, "nii"))
    after_scan = np.where(scanned, nii_begun + day.nii, booth_left)
    unloaded = (day.sent & day.unloaded) | day.partner
    dock_time = np.where(joint, day.partner_time, day.docks)
    kinds = ("docks", "partner") if scenario.partner == "joint" else ("docks",)
    dock_begun = pooled(_come(unloaded, after_scan), dock_time, _grid(scenario, *kinds))
    left = np.where(unloaded, dock_begun + dock_time, after_scan)
    return Lived(day, due, booth, booth_left, nii_begun, dock_begun, dock_time, partner_begun, left)


def _grid(scenario: Scenario, *kinds: str) -> Grid:
    return Grid.of([open_places(scenario.shifts, kind) for kind in kinds])


def _come(these: Flags, at: Floats) -> Floats:
    """When they come to a station; infinity for the others and for those who never get there."""
    return np.where(these & np.isfinite(at), at, np.inf)


def _booths(scenario: Scenario, day: traffic.Day, due: Floats) -> Served:
    """The booths take trucks in the order in which they come to the road."""
    order = np.argsort(due, axis=1, kind="stable")
    back = np.argsort(order, axis=1, kind="stable")
    kind = np.take_along_axis(day.kind, order, axis=1)
    ahead = (kind == 0) & (scenario.fast_approach == "own")
    come = np.take_along_axis(due, order, axis=1)
    service = np.take_along_axis(day.service, order, axis=1)
    served = serve(plaza(scenario), Trucks(come, kind, service, ahead & np.isfinite(come)))
    return Served(
        np.take_along_axis(served.entered, back, axis=1),
        np.take_along_axis(served.begun, back, axis=1),
        np.take_along_axis(served.lane, back, axis=1),
    )
