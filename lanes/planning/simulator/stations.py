"""Stations behind the booths: one common line for so many places, first come, first served."""

import numpy as np
from numpy.typing import NDArray

from lanes.planning.simulator.hours import HORIZON, Grid, slot_of

Floats = NDArray[np.float64]


def pooled(arrival: Floats, service: Floats, grid: Grid) -> Floats:
    """When each truck's service begins; nan where that is not before the horizon.

    `arrival` has the shape (days, trucks), in any order, with infinity for places without a truck.
    The order of the line is that of the arrivals; a place that closes ends the truck it has begun.
    """
    days, count = arrival.shape
    begun = np.full((days, count), np.nan)
    if not count or not grid.places:
        return begun
    order = np.argsort(arrival, axis=1, kind="stable")
    free = np.zeros((days, grid.places))
    rows, columns = np.arange(days), np.arange(grid.places)[None, :]
    # Past the last truck of the fullest day there is nothing to do.
    most = int((arrival < HORIZON).sum(axis=1).max())
    for position in range(most):
        truck = order[:, position]
        comes = arrival[rows, truck]
        can = np.maximum(free, np.minimum(comes, HORIZON)[:, None])
        can = np.maximum(can, grid.next_open[slot_of(np.minimum(can, HORIZON)), columns])
        place = can.argmin(axis=1)
        begins = can[rows, place]
        served = (comes < HORIZON) & (begins < HORIZON)
        rows_now = rows[served]
        begun[rows_now, truck[served]] = begins[served]
        free[rows_now, place[served]] = begins[served] + service[rows_now, truck[served]]
    return begun
