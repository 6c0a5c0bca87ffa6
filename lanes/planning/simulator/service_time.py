"""How long one truck keeps a booth or a station busy."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SHAPES = ("gamma", "lognormal")
LEAST_SAMPLES = 20


@dataclass(frozen=True, slots=True)
class ServiceTime:
    """Mean in seconds, and the coefficient of variation (deviation / mean).

    0 is a constant, a gamma with 1 is the exponential.
    """

    mean: float
    cv: float = 0.6
    shape: str = "gamma"

    def draw(self, chance: np.random.Generator, size: int) -> Floats:
        if self.cv == 0:
            return np.full(size, self.mean)
        if self.shape == "lognormal":
            spread = math.log(1 + self.cv**2)
            return chance.lognormal(math.log(self.mean) - spread / 2, math.sqrt(spread), size)
        return chance.gamma(1 / self.cv**2, self.mean * self.cv**2, size)

    def as_json(self) -> dict[str, Any]:
        return {"mean": self.mean, "cv": self.cv, "shape": self.shape}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "ServiceTime":
        return cls(**value)


def fitted(seconds: Sequence[float]) -> ServiceTime:
    """The gamma or lognormal with the mean and deviation of measured times, whichever likes them.

    By likelihood. Raises ValueError for fewer than 20 times, and for times that are not positive.
    """
    if len(seconds) < LEAST_SAMPLES:
        raise ValueError(f"at least {LEAST_SAMPLES} times are needed, there are {len(seconds)}")
    times = np.asarray(seconds, dtype=np.float64)
    if not np.all(np.isfinite(times)) or times.min() <= 0:
        raise ValueError("a service time is a positive number of seconds")
    mean, cv = float(times.mean()), float(times.std(ddof=1) / times.mean())
    if cv < 1e-6:
        return ServiceTime(mean, 0.0)
    both = [ServiceTime(mean, cv, shape) for shape in SHAPES]
    return max(both, key=lambda one: _log_likelihood(one, times))


def _log_likelihood(time: ServiceTime, seconds: Floats) -> float:
    logs = np.log(seconds)
    if time.shape == "lognormal":
        spread = math.log(1 + time.cv**2)
        off = logs - (math.log(time.mean) - spread / 2)
        each = -logs - math.log(2 * math.pi * spread) / 2 - off**2 / (2 * spread)
    else:
        k, scale = 1 / time.cv**2, time.mean * time.cv**2
        each = (k - 1) * logs - seconds / scale - math.lgamma(k) - k * math.log(scale)
    return float(each.sum())
