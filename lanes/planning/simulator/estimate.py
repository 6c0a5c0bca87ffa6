"""Means over simulated days, with what is sure about them."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_NORMAL_975 = 1.959963984540054


def student_975(freedom: int) -> float:
    """The 97.5% point of Student's t (Cornish-Fisher; within 0.2% from 4 degrees on)."""
    if freedom < 1:
        return math.inf
    z, n = _NORMAL_975, float(freedom)
    return (
        z
        + (z**3 + z) / (4 * n)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * n**4)
    )


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and its 95% interval; None where nothing was observed."""

    mean: float | None
    low: float | None
    high: float | None

    def holds(self, value: float) -> bool:
        return self.low is not None and self.high is not None and self.low <= value <= self.high

    def as_json(self) -> dict[str, float | None]:
        return {"mean": self.mean, "low": self.low, "high": self.high}


def estimate(values: Floats) -> Estimate:
    """Of independent values, one for each replication; nan counts as not observed."""
    seen = values[np.isfinite(values)]
    if not seen.size:
        return Estimate(None, None, None)
    mean = float(seen.mean())
    if seen.size == 1:
        return Estimate(mean, None, None)
    half = student_975(seen.size - 1) * float(seen.std(ddof=1)) / math.sqrt(seen.size)
    return Estimate(mean, mean - half, mean + half)


def band(values: Floats) -> dict[str, float | None]:
    """Mean, and the range in which nine of ten days fall."""
    seen = values[np.isfinite(values)]
    if not seen.size:
        return {"mean": None, "p5": None, "p95": None}
    low, high = np.quantile(seen, [0.05, 0.95])
    return {"mean": float(seen.mean()), "p5": float(low), "p95": float(high)}


def fall(values: Floats, before: Floats) -> Estimate:
    """By which share the mean of `values` lies under that of `before`, paired: 0.5 is half."""
    seen = np.isfinite(values) & np.isfinite(before)
    after, old = values[seen], before[seen]
    if seen.sum() < 2 or not old.mean() > 0:
        return Estimate(None, None, None)
    left = float(after.mean() / old.mean())
    # The ratio of two means, by what its line through the origin leaves over.
    spread = float((after - left * old).std(ddof=1)) / float(old.mean())
    half = student_975(after.size - 1) * spread / math.sqrt(after.size)
    return Estimate(1 - left, 1 - left - half, 1 - left + half)
