"""What a measurement is, and how two things are compared fairly on a busy machine."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """`value` in `unit`; with a `target`, at least or at most it as `at_least` says."""

    name: str
    value: float
    unit: str
    target: float | None = None
    at_least: bool = True

    @property
    def met(self) -> bool:
        if self.target is None:
            return True
        return self.value >= self.target if self.at_least else self.value <= self.target

    def line(self) -> str:
        goal = ""
        if self.target is not None:
            goal = f"  (at {'least' if self.at_least else 'most'} {self.target:g}: "
            goal += "met)" if self.met else "MISSED)"
        return f"{self.name:<44} {self.value:>12,.3f} {self.unit}{goal}"


def seconds(work: Callable[[], object], times: int) -> float:
    """Seconds for one call, over so many."""
    started = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - started) / times


def compared(
    ours: Callable[[], object], theirs: Callable[[], object], *, times: int, rounds: int = 25
) -> tuple[float, float]:
    """Seconds of each, taken in turns: the best round, which is the one that nobody disturbed."""
    pairs = [(seconds(ours, times), seconds(theirs, times)) for _ in range(rounds)]
    return min(a for a, _ in pairs), min(b for _, b in pairs)
