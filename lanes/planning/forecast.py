"""Trucks a month and an hour from the history, with intervals that the past itself gives.

Half of it is Holt-Winters with a damped trend, on the logarithm of the trucks of an average day
(months differ in length), half the same month of the year before: each alone is misled by shocks
that the other survives. The smoothing constants are those that would have forecast the training
months best, one month ahead. An interval is as wide as nine of ten of the errors that the same
method made on earlier months, at the same distance.
"""

import math
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
YEAR = 12
LEAST = 3 * YEAR
DAMPED = 0.9
_GRID = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8)
COVERED = 0.9


@dataclass(frozen=True, slots=True)
class Count:
    year: int
    month: int
    trucks: float

    @property
    def days(self) -> int:
        return monthrange(self.year, self.month)[1]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Trucks of a month; between `low` and `high` nine of ten months like it fell."""

    year: int
    month: int
    trucks: float
    low: float
    high: float

    def hours(self, weights: Sequence[float]) -> list[float]:
        """Trucks in each hour of an average day of the month."""
        whole = sum(weights)
        return [self.trucks / monthrange(self.year, self.month)[1] * w / whole for w in weights]


@dataclass(frozen=True, slots=True)
class BackTest:
    """Errors over all origins and distances, as shares of the truth (mean absolute).

    `skill` is 1 less our error over that of the same month of the year before: above 0 is better.
    """

    horizon: int
    forecasts: int
    error: float
    naive_error: float
    covered: float

    @property
    def skill(self) -> float:
        return 1 - self.error / self.naive_error


def forecast(history: Sequence[Count], months: int) -> list[Forecast]:
    """The next months. Raises ValueError for less than four years of history, or one with gaps."""
    logs = _logs(history)
    errors = _errors(logs, months)
    ahead = _ahead(logs, months)
    year, month = history[-1].year, history[-1].month
    found = []
    for step in range(months):
        year, month = (year + 1, 1) if month == YEAR else (year, month + 1)
        days = monthrange(year, month)[1]
        middle, off = ahead[step], _width(np.array(errors[step]))
        found.append(
            Forecast(
                year,
                month,
                days * math.exp(middle),
                days * math.exp(middle - off),
                days * math.exp(middle + off),
            )
        )
    return found


def back_test(history: Sequence[Count], horizon: int) -> BackTest:
    """Forecast every month after the third year as if it had not come yet.

    Intervals are tested with the errors that were known then: half of the origins are kept for it.
    """
    logs = _logs(history)
    errors = [np.array(step) for step in _errors(logs, horizon)]
    naive = np.array(
        [
            logs[month - YEAR] - logs[month]
            for origin in range(LEAST, len(logs))
            for month in range(origin, min(origin + horizon, len(logs)))
        ]
    )
    ours = np.concatenate(errors)
    tested = [
        bool(abs(one[index]) <= _width(one[:index]))
        for one in errors
        for index in range(len(one) // 2, len(one))
    ]
    return BackTest(
        horizon,
        len(ours),
        float(np.abs(np.expm1(-ours)).mean()),
        float(np.abs(np.expm1(naive)).mean()),
        sum(tested) / max(len(tested), 1),
    )


def _logs(history: Sequence[Count]) -> Floats:
    months = [count.year * YEAR + count.month for count in history]
    if len(months) < LEAST + YEAR:
        raise ValueError(f"a forecast needs {LEAST + YEAR} months of history, not {len(months)}")
    if months != list(range(months[0], months[0] + len(months))):
        raise ValueError("the history must have every month once, in order")
    if min(count.trucks for count in history) <= 0:
        raise ValueError("a month's count must be above 0")
    return np.log([count.trucks / count.days for count in history])


def _errors(logs: Floats, horizon: int) -> list[list[float]]:
    """For each distance: truth less forecast, from every origin after the third year."""
    found: list[list[float]] = [[] for _ in range(horizon)]
    for origin in range(LEAST, len(logs)):
        ahead = _ahead(logs[:origin], horizon)
        for step in range(min(horizon, len(logs) - origin)):
            found[step].append(float(logs[origin + step] - ahead[step]))
    return found


def _ahead(logs: Floats, horizon: int) -> Floats:
    """The next values by the constants that fit best."""
    best = min(product(_GRID, _GRID), key=lambda constants: _smooth(logs, *constants)[0])
    _error, level, trend, season = _smooth(logs, *best)
    steps = np.arange(1, horizon + 1)
    damped = DAMPED * (1 - DAMPED**steps) / (1 - DAMPED)
    places = (len(logs) + steps - 1) % YEAR
    smooth = level + damped * trend + season[places]
    # Beyond a year the month of the year before is itself a forecast: the same month once more.
    return np.asarray((smooth + logs[len(logs) - YEAR + (steps - 1) % YEAR]) / 2)


def _width(errors: Floats) -> float:
    return float(np.quantile(np.abs(errors), COVERED))


def _smooth(logs: Floats, alpha: float, gamma: float) -> tuple[float, float, float, Floats]:
    """One pass: mean absolute error one step ahead (after the first year), and the state."""
    level, trend = float(logs[:YEAR].mean()), 0.0
    season = logs[:YEAR] - level
    season = season.copy()
    off = 0.0
    for index in range(YEAR, len(logs)):
        place = index % YEAR
        expected = level + DAMPED * trend + season[place]
        error = float(logs[index] - expected)
        off += abs(error)
        before = level
        level = level + DAMPED * trend + alpha * error
        trend = DAMPED * trend + 0.1 * alpha * error
        season[place] += gamma * (logs[index] - before - season[place])
    return off, level, trend, season
