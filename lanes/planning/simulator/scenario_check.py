"""Whether a scenario can be simulated: every wrong field at once, and in words what it will do."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lanes.planning.simulator.hours import KINDS, open_places
from lanes.planning.simulator.scenario import APPROACHES, FIELDS, METHODS, PARTNERS, Scenario, Times
from lanes.planning.simulator.service_time import SHAPES
from lanes.rules.policy_check import Fault
from lanes.rules.policy_check import faults as policy_faults
from trustedtruck.identifiers.checked import Finding


def _(text: str) -> str:
    """Mark a text for translation without translating it."""
    return text


Notice = Finding
MOST_SHIFTS, MOST_PLACES, MOST_TRUCKS, MOST_DAYS = 24, 60, 30_000, 1_000
# Of a day: more than this left over at closing time is called saturated.
LEFT_OVER = 0.005
LARGEST = 1e12

NO_OBJECT = Finding("not_an_object", _("Write this as an object of names and values."))
NO_LIST = Finding("not_a_list", _("Write this as a list."))
UNKNOWN = Finding("unknown_field", _("There is no such field."))
MISSING = Finding("required", _("This is missing."))
NO_ARRIVALS = Finding("no_arrivals", _("At least one hour must have arrivals."))
NO_HOURS = Finding("not_24_hours", _("Give a weight of 0 or more for each of the 24 hours."))
NO_TIERS = Finding("not_3_tiers", _("Give a weight of 0 or more for each of the tiers 1, 2 and 3."))
NO_SHIFT = Finding("no_shift", _("Nobody works at this port: give at least one shift."))
TOO_MANY = Finding("too_many", _("There are at most %(most)s shifts."), {"most": MOST_SHIFTS})
SHIFT_EMPTY = Finding("shift_is_empty", _("A shift must end after it begins, on the same day."))
SHIFT_QUARTER = Finding(
    "not_a_quarter", _("A shift begins and ends at a quarter of an hour, as in 7.25.")
)
NO_STANDARD = Finding(
    "no_standard_lane",
    _("There is no standard lane: trucks that are not fast could never be served."),
)
NO_FAST = Finding(
    "no_fast_lane",
    _("There is no fast lane for the enrolled trucks. Open one, or set the enrolled share to 0."),
)
NO_STATION = {
    "nii": Finding("no_scanner", _("Trucks are to be scanned, but no scanner is open.")),
    "docks": Finding("no_dock", _("Trucks are to be unloaded, but no dock is open.")),
    "partner": Finding(
        "no_partner", _("The other country is to inspect, but none of its places is open.")
    ),
}
OVER_HOURS = Finding(
    "arrivals_while_closed",
    _("All arrivals fall into hours in which no standard lane is open."),
)


def faults(body: Any) -> list[Fault]:
    """All that is wrong with a scenario's body; empty when it can be run."""
    if not isinstance(body, Mapping):
        return [Fault("", NO_OBJECT)]
    found = [Fault(str(name), UNKNOWN) for name in body if name not in FIELDS]
    for name, check in _CHECKS.items():
        if name in body:
            found += check(name, body[name])
    # What lies between the fields is asked only where each of them is right.
    return found or list(_together(Scenario.from_json(body)))


def _together(scenario: Scenario) -> Iterator[Fault]:
    places = {kind: open_places(scenario.shifts, kind) for kind in KINDS}
    most = {kind: int(places[kind].max(initial=0)) for kind in KINDS}
    priority = scenario.policy.lane_policy == "priority"
    others = scenario.enrolled < 1 or scenario.empty > 0 or scenario.papers_wrong > 0
    if not most["standard"] and (others or not most["fast"]):
        yield Fault("shifts", NO_STANDARD)
    elif not most["fast"] and scenario.enrolled > 0 and not priority:
        yield Fault("shifts", NO_FAST)
    needs = {
        "nii": scenario.method == "nii" and scenario.referred > 0,
        "docks": scenario.referred > 0 and (scenario.method == "docks" or scenario.to_dock > 0),
        "partner": scenario.partner == "before" and scenario.partner_share > 0,
    }
    yield from (Fault("shifts", NO_STATION[k]) for k in needs if needs[k] and not most[k])
    any_lane = places["standard"] + places["fast"]
    hours = np.asarray(scenario.hours)
    opened = any_lane.reshape(24, 4).max(axis=1) > 0
    if most["standard"] and not np.any(opened[np.nonzero(hours)[0][0] :]):
        yield Fault("shifts", OVER_HOURS)


SATURATED_BEFORE = _(
    "More trucks come than can be served: in %(hours)s hours the %(kind)s lanes get up to"
    " %(load)s%% of what they can serve. Lines grow there until fewer trucks come."
)
CLOSED = _("In %(hours)s hours trucks come while no lane is open; they wait for the next opening.")
KIND_TEXTS = {"fast": _("fast"), "standard": _("standard")}


def before_the_run(scenario: Scenario) -> list[Notice]:
    """What the numbers alone say, before a single truck is simulated."""
    found = []
    hours = np.asarray(scenario.hours) / sum(scenario.hours)
    trucks = scenario.trucks * (1 + scenario.growth) * hours
    work = booth_work(scenario, trucks)
    pooled = scenario.policy.lane_policy != "dedicated"
    capacity = {
        kind: open_places(scenario.shifts, kind).reshape(24, 4).mean(axis=1) * 3600
        for kind in ("fast", "standard")
    }
    for kind in ("fast", "standard"):
        here = work[kind] if not pooled else work["fast"] + work["standard"]
        can = capacity[kind] if not pooled else capacity["fast"] + capacity["standard"]
        load = np.divide(here, can, out=np.zeros(24), where=can > 0)
        if (load > 1).any() and not (pooled and kind == "fast"):
            found.append(
                Notice(
                    "saturated",
                    SATURATED_BEFORE,
                    {
                        "hours": int((load > 1).sum()),
                        "kind": KIND_TEXTS[kind],
                        "load": round(100 * float(load.max())),
                    },
                )
            )
    closed = (trucks > 0) & (capacity["fast"] + capacity["standard"] == 0)
    if closed.any():
        found.append(Notice("closed_hours", CLOSED, {"hours": int(closed.sum())}))
    return found


def booth_work(scenario: Scenario, trucks: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Booth seconds that come in each hour, draws left aside."""
    fast = (1 - scenario.empty) * scenario.enrolled * (1 - scenario.papers_wrong)
    times = scenario.times
    standard = (1 - scenario.empty - fast) * times.standard.mean + scenario.empty * times.empty.mean
    return {"fast": trucks * fast * times.fast.mean, "standard": trucks * standard}


SATURATED = _(
    "Saturated: of %(trucks)s trucks a day, %(left)s were not served before the day was over. Their"
    " waits reach into the next day; the port cannot serve this many with these lanes and hours."
)
ROAD_FULL = _(
    "%(share)s%% of the trucks found the approach road full and stood beyond it, in the streets."
)


def after_the_run(scenario: Scenario, daily: Mapping[str, NDArray[np.float64]]) -> list[Notice]:
    """What a planner must know before looking at the numbers."""
    found = []
    trucks, left = float(daily["trucks"].mean()), float(daily["left_over"].mean())
    if left > LEFT_OVER * trucks:
        found.append(Notice("saturated", SATURATED, {"trucks": round(trucks), "left": round(left)}))
    if (share := float(daily["road_full"].mean())) > 0.001:
        found.append(Notice("road_full", ROAD_FULL, {"share": f"{100 * share:.1f}"}))
    return found


Check = Callable[[str, Any], Iterator[Fault]]


def _number(least: float, most: float, *, whole: bool = False) -> Check:
    text = (
        _("This is a whole number from %(least)s to %(most)s.")
        if whole
        else _("This is a number from %(least)s to %(most)s.")
    )
    finding = Finding("out_of_range", text, {"least": f"{least:g}", "most": f"{most:,g}"})

    def check(path: str, value: Any) -> Iterator[Fault]:
        good = _is_number(value) and least <= value <= most and not (whole and value != int(value))
        if not good:
            yield Fault(path, finding)

    return check


def _is_number(value: Any) -> bool:
    """Of a size that can be reckoned with; neither nan nor an integer of a thousand digits is."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) <= LARGEST


def _choice(choices: tuple[str, ...]) -> Check:
    finding = Finding("not_a_choice", _("Choose one of: %(all)s."), {"all": ", ".join(choices)})

    def check(path: str, value: Any) -> Iterator[Fault]:
        if value not in choices:
            yield Fault(path, finding)

    return check


def _weights(count: int, wrong: Finding, nothing: Finding) -> Check:
    def check(path: str, value: Any) -> Iterator[Fault]:
        if (
            not isinstance(value, (list, tuple))
            or len(value) != count
            or not all(_is_number(weight) and weight >= 0 for weight in value)
        ):
            yield Fault(path, wrong)
        elif sum(value) == 0:
            yield Fault(path, nothing)

    return check


def _shifts(path: str, value: Any) -> Iterator[Fault]:
    if not isinstance(value, (list, tuple)):
        yield Fault(path, NO_LIST)
        return
    if not value:
        yield Fault(path, NO_SHIFT)
    if len(value) > MOST_SHIFTS:
        yield Fault(path, TOO_MANY)
    for index, item in enumerate(value[:MOST_SHIFTS]):
        yield from _shift(f"{path}.{index}", item)


_HOUR, _PLACES = _number(0, 24), _number(0, MOST_PLACES, whole=True)


def _shift(path: str, item: Any) -> Iterator[Fault]:
    if not isinstance(item, Mapping):
        yield Fault(path, NO_OBJECT)
        return
    known = ("start", "end", *KINDS)
    wrong = [Fault(f"{path}.{name}", UNKNOWN) for name in item if name not in known]
    wrong += [Fault(f"{path}.{name}", MISSING) for name in ("start", "end") if name not in item]
    for name in known:
        if name in item:
            check = _HOUR if name in ("start", "end") else _PLACES
            wrong += check(f"{path}.{name}", item[name])
    yield from wrong
    if not wrong:
        if any(item[name] * 4 != int(item[name] * 4) for name in ("start", "end")):
            yield Fault(path, SHIFT_QUARTER)
        elif item["end"] <= item["start"]:
            yield Fault(f"{path}.end", SHIFT_EMPTY)


_SECONDS = _number(0.1, 86_400)
_TIME_CHECKS = {"mean": _SECONDS, "cv": _number(0, 3), "shape": _choice(SHAPES)}


def _times(path: str, value: Any) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield Fault(path, NO_OBJECT)
        return
    for name, item in value.items():
        here = f"{path}.{name}"
        if name not in Times.__slots__:
            yield Fault(here, UNKNOWN)
        elif not isinstance(item, Mapping):
            yield Fault(here, NO_OBJECT)
        else:
            yield from (Fault(f"{here}.{k}", UNKNOWN) for k in item if k not in _TIME_CHECKS)
            if "mean" not in item:
                yield Fault(f"{here}.mean", MISSING)
            for field, check in _TIME_CHECKS.items():
                if field in item:
                    yield from check(f"{here}.{field}", item[field])


def _policy(path: str, value: Any) -> Iterator[Fault]:
    for fault in policy_faults(value):
        yield Fault(f"{path}.{fault.field}" if fault.field else path, fault.finding)


_SHARE = _number(0, 1)
_CHECKS: dict[str, Check] = {
    "trucks": _number(1, MOST_TRUCKS),
    "growth": _number(-0.9, 3),
    "day_variation": _SHARE,
    "hours": _weights(24, NO_HOURS, NO_ARRIVALS),
    "empty": _SHARE,
    "enrolled": _SHARE,
    "tiers": _weights(3, NO_TIERS, NO_TIERS),
    "papers_wrong": _SHARE,
    "shifts": _shifts,
    "storage": _number(1, 200, whole=True),
    "road": _number(0, MOST_TRUCKS, whole=True),
    "fast_approach": _choice(APPROACHES),
    "referred": _SHARE,
    "method": _choice(METHODS),
    "to_dock": _SHARE,
    "partner": _choice(PARTNERS),
    "partner_share": _SHARE,
    "policy": _policy,
    "times": _times,
    "officer_hour": _number(0, 10_000),
    "truck_hour": _number(0, 10_000),
    "replications": _number(2, MOST_DAYS, whole=True),
    "seed": _number(0, 2**32 - 1, whole=True),
}
