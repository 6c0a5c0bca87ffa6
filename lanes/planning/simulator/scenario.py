"""A day of a port as a planner describes it. Times in seconds, hours of the day in local time."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from lanes.planning.simulator.hours import Shift
from lanes.planning.simulator.service_time import ServiceTime
from lanes.rules.policy import Policy

# Published counts are monthly, so the share of each hour is an assumption: open from 7 to 24, and
# rising to the early afternoon, as border waits do.
USUAL_HOURS = (0,) * 7 + (3, 5, 6, 7, 7, 8, 8, 8, 8, 7, 7, 6, 6, 5, 4, 3, 2)
METHODS = ("docks", "nii")
PARTNERS = ("none", "before", "joint")
APPROACHES = ("shared", "own")


@dataclass(frozen=True, slots=True)
class Times:
    """How long a truck takes at each place, in seconds.

    27 s for a FAST truck at the booth is a press report of 2023, 240 s at a scan the 15 trucks an
    hour of older portals (GAO); the others are not published and are assumptions.
    """

    fast: ServiceTime = field(default=ServiceTime(27.0, 0.5))
    standard: ServiceTime = field(default=ServiceTime(75.0, 0.7))
    empty: ServiceTime = field(default=ServiceTime(40.0, 0.7))
    nii: ServiceTime = field(default=ServiceTime(240.0, 0.3))
    docks: ServiceTime = field(default=ServiceTime(5400.0, 0.5, "lognormal"))
    partner: ServiceTime = field(default=ServiceTime(2700.0, 0.5, "lognormal"))
    joint: ServiceTime = field(default=ServiceTime(5400.0, 0.5, "lognormal"))


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is simulated. Shares and rates are in [0, 1].

    - `trucks`: expected in one day, before `growth`; the real number varies from day to day by
      `day_variation` (deviation / mean) and by chance.
    - `hours`: the weight of each hour of the day in the arrivals.
    - `enrolled`: the share of laden trucks that take part in the programme; `tiers`: how these are
      spread over the tiers 1, 2, 3; `papers_wrong`: those among them for which a rule of the
      decision stands against the fast lane.
    - `shifts`: how many booths and stations are open when. Booths are fast or standard.
    - `storage`: trucks that fit in a lane, the one at the booth included; `road`: trucks that the
      approach road holds; `fast_approach`: whether FAST has a road of its own up to the lanes.
    - `referred`: the share of trucks sent to secondary though nothing was drawn; trucks that are
      drawn, or whose papers are wrong, always go. `method`: scanned first, and only `to_dock` of
      them unloaded (`nii`), or all unloaded (`docks`).
    - `partner`: `partner_share` of the laden trucks that are not fast are inspected by both
      countries: first there and then here (`before`), or once, together, at the docks, to which
      the other country's places are added (`joint`). `none`: there is no such thing.
    - `policy`: a policy of the product, draft or in force.
    - `officer_hour`, `truck_hour`: cost of an officer's hour and of a truck's waiting hour.
    """

    trucks: float = 6400.0
    growth: float = 0.0
    day_variation: float = 0.08
    hours: tuple[float, ...] = USUAL_HOURS
    empty: float = 0.25
    enrolled: float = 0.30
    tiers: tuple[float, float, float] = (0.2, 0.5, 0.3)
    papers_wrong: float = 0.03
    shifts: tuple[Shift, ...] = (Shift(7, 24, fast=4, standard=10, nii=8, docks=40, partner=20),)
    storage: int = 12
    road: int = 200
    fast_approach: str = "shared"
    referred: float = 0.20
    method: str = "nii"
    to_dock: float = 0.10
    partner: str = "none"
    partner_share: float = 0.05
    policy: Policy = field(default_factory=lambda: Policy(0))
    times: Times = field(default_factory=Times)
    officer_hour: float = 85.0
    truck_hour: float = 60.0
    replications: int = 40
    seed: int = 1

    def as_json(self) -> dict[str, Any]:
        """Plain JSON; `Scenario.from_json` gives an equal one back."""
        return {found.name: _plain(getattr(self, found.name)) for found in fields(self)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Scenario":
        """From a body in which `scenario_check.faults` finds nothing; the rest takes its usual."""
        values = dict(value)
        for name in ("hours", "tiers"):
            if name in values:
                values[name] = tuple(values[name])
        if "shifts" in values:
            values["shifts"] = tuple(Shift.from_json(item) for item in values["shifts"])
        if "policy" in values:
            values["policy"] = Policy.from_json(0, values["policy"])
        if "times" in values:
            given = {k: ServiceTime.from_json(v) for k, v in values["times"].items()}
            values["times"] = replace(Times(), **given)
        return cls(**values)


FIELDS = tuple(found.name for found in fields(Scenario))


def _plain(value: Any) -> Any:
    if isinstance(value, Times):
        return {found.name: getattr(value, found.name).as_json() for found in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.as_json() if hasattr(value, "as_json") else value
