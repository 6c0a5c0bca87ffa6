"""What is read off simulated days, one value for each day (and hour). Waits are in minutes.

A wait is from reaching our road to the booth; a crossing from arriving to leaving the port, with
every inspection. Buffer time and index as FHWA defines them: p95 less mean, and that over the mean.
"""

import warnings

import numpy as np
from numpy.typing import NDArray

from lanes.planning.simulator.booths import EMPTY, FAST, STANDARD
from lanes.planning.simulator.day import Lived
from lanes.planning.simulator.hours import DAY, HOUR, KINDS, open_places
from lanes.planning.simulator.scenario import Scenario

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
HOURS = np.arange(25) * HOUR
MEASURES = (
    "trucks", "fast", "inspected", "drawn", "left_over",
    "wait", "wait_p95", "buffer_index", "wait_fast", "wait_standard", "wait_empty", "wait_longest",
    "crossing", "crossing_fast", "crossing_inspected", "crossing_both", "partner_wait", "road_full",
    "waiting_hours", "use_fast", "use_standard", "use_nii", "use_docks", "use_partner",
)  # fmt: skip
BY_HOUR = (
    "arrivals", "wait", "wait_fast", "wait_standard", "queue",
    "use_fast", "use_standard", "use_nii", "use_docks",
)  # fmt: skip


def measures(scenario: Scenario, lived: Lived) -> dict[str, Floats]:
    """Each of `MEASURES` for each day."""
    day = lived.day
    came = np.isfinite(day.arrival)
    wait = _minutes(lived.booth.begun - lived.due)
    crossing = _minutes(lived.left - day.arrival)
    done = np.isfinite(lived.left)
    mean, p95 = _mean(wait), _quantile(wait, 0.95)
    late = came & ~(lived.booth.begun < DAY)
    begun = np.where(np.isfinite(lived.booth.begun), lived.booth.begun, 2 * DAY)
    stood = np.where(came & np.isfinite(lived.due), begun - lived.due, 0.0)
    use = _use(scenario, lived)
    return {
        "trucks": came.sum(axis=1).astype(float),
        "fast": (came & (day.kind == FAST)).sum(axis=1).astype(float),
        "inspected": (done & (day.sent | day.partner)).sum(axis=1).astype(float),
        "drawn": (came & day.drawn).sum(axis=1).astype(float),
        "left_over": late.sum(axis=1).astype(float),
        "wait": mean,
        "wait_p95": p95,
        "buffer_index": np.divide(p95 - mean, mean, out=np.full_like(mean, np.nan), where=mean > 0),
        "wait_fast": _mean(wait, day.kind == FAST),
        "wait_standard": _mean(wait, day.kind == STANDARD),
        "wait_empty": _mean(wait, day.kind == EMPTY),
        "wait_longest": _quantile(wait, 1.0),
        "crossing": _mean(crossing),
        "crossing_fast": _mean(crossing, day.kind == FAST),
        "crossing_inspected": _mean(crossing, day.sent | day.partner),
        "crossing_both": _mean(crossing, day.partner),
        "partner_wait": _mean(_minutes(lived.partner_begun - day.arrival)),
        "road_full": _road_full(scenario, lived),
        "waiting_hours": stood.sum(axis=1) / HOUR,
        **{f"use_{kind}": _share(use[kind].sum(axis=1), _open(scenario, kind)) for kind in KINDS},
    }


def by_hour(scenario: Scenario, lived: Lived) -> dict[str, Floats]:
    """Each of `BY_HOUR`, (days, 24): waits by the hour of arrival, the queue at its end."""
    wait = _minutes(lived.booth.begun - lived.due)
    kind = lived.day.kind
    hour = (np.where(np.isfinite(lived.due), lived.due, -1.0) // HOUR).astype(np.int64)
    use = _use(scenario, lived)
    came = _until(lived.due)
    return {
        "arrivals": np.diff(came, axis=1),
        "wait": _mean_by(hour, wait),
        "wait_fast": _mean_by(hour, np.where(kind == FAST, wait, np.nan)),
        "wait_standard": _mean_by(hour, np.where(kind == STANDARD, wait, np.nan)),
        "queue": (came - _until(lived.booth.begun))[:, 1:],
        **{
            f"use_{place}": _share(use[place], _open_by_hour(scenario, place))
            for place in ("fast", "standard", "nii", "docks")
        },
    }


def _minutes(seconds: Floats) -> Floats:
    """Nan for trucks that were not served, and for places without a truck."""
    return np.where(np.isfinite(seconds), seconds / 60, np.nan)


def _mean(values: Floats, only: Flags | None = None) -> Floats:
    seen = np.isfinite(values) if only is None else np.isfinite(values) & only
    count = seen.sum(axis=1)
    total = np.where(seen, values, 0.0).sum(axis=1)
    mean: Floats = np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
    return mean


def _quantile(values: Floats, share: float) -> Floats:
    with warnings.catch_warnings():
        # A day without a single truck served has no quantile, and that is what nan says.
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanquantile(values, share, axis=1))


def _mean_by(hour: NDArray[np.int64], values: Floats) -> Floats:
    days = len(values)
    seen = np.isfinite(values) & (hour >= 0) & (hour < 24)
    place = (np.arange(days)[:, None] * 24 + hour)[seen]
    count = np.bincount(place, minlength=days * 24)
    total = np.bincount(place, weights=values[seen], minlength=days * 24)
    mean: Floats = np.divide(total, count, out=np.full(days * 24, np.nan), where=count > 0)
    return mean.reshape(days, 24)


def _until(instants: Floats) -> Floats:
    """How many of the instants lie before each full hour of the day: (days, 25)."""
    hour = (np.where(np.isfinite(instants), np.minimum(instants, DAY), DAY) // HOUR).astype(
        np.int64
    )
    place = np.arange(len(instants))[:, None] * 25 + hour
    count = np.bincount(place.ravel(), minlength=25 * len(instants)).reshape(-1, 25)
    before = np.cumsum(count, axis=1)
    return np.concatenate([np.zeros((len(instants), 1)), before[:, :24]], axis=1)


def _use(scenario: Scenario, lived: Lived) -> dict[str, Floats]:
    """Seconds of the day's hours for which the places of each kind were busy, (days, 24)."""
    day = lived.day
    fast_lanes = int(open_places(scenario.shifts, "fast").max(initial=0))
    in_fast = (lived.booth.lane >= 0) & (lived.booth.lane < fast_lanes)
    joint = scenario.partner == "joint"
    return {
        "fast": _busy(np.where(in_fast, lived.booth.begun, np.nan), day.service),
        "standard": _busy(np.where(in_fast, np.nan, lived.booth.begun), day.service),
        "nii": _busy(lived.nii_begun, day.nii),
        "docks": _busy(lived.dock_begun, lived.dock_time),
        "partner": (
            np.zeros((len(day.arrival), 24))
            if joint
            else _busy(lived.partner_begun, day.partner_time)
        ),
    }


def _busy(begun: Floats, lasts: Floats) -> Floats:
    begin = np.where(np.isfinite(begun), begun, 0.0)
    end = np.where(np.isfinite(begun), begun + lasts, 0.0)
    before = np.stack(
        [(np.minimum(end, at) - np.minimum(begin, at)).sum(axis=1) for at in HOURS], axis=1
    )
    return np.diff(before, axis=1)


def _open_by_hour(scenario: Scenario, kind: str) -> Floats:
    places = open_places(scenario.shifts, kind)
    if scenario.partner == "joint" and kind == "docks":
        places = places + open_places(scenario.shifts, "partner")
    seconds: Floats = places.reshape(24, 4).mean(axis=1) * HOUR
    return seconds


def _open(scenario: Scenario, kind: str) -> Floats:
    return np.asarray(_open_by_hour(scenario, kind).sum())


def _share(busy: Floats, opened: Floats) -> Floats:
    """Busy time over open time. Above 1 where officers finished after their lane had closed."""
    whole = np.broadcast_to(opened, busy.shape)
    share: Floats = np.divide(busy, whole, out=np.full(busy.shape, np.nan), where=whole > 0)
    return share


def _road_full(scenario: Scenario, lived: Lived) -> Floats:
    """The share of trucks that found the approach road full, and stood beyond it."""
    found = np.zeros(len(lived.due))
    for index, (due, entered) in enumerate(zip(lived.due, lived.booth.entered, strict=True)):
        come = np.sort(due[np.isfinite(due)])
        gone = np.sort(np.where(np.isnan(entered), np.inf, entered)[np.isfinite(due)])
        if come.size:
            ahead = np.arange(come.size) - np.searchsorted(gone, come, side="right")
            found[index] = (ahead >= scenario.road).mean()
    return found
