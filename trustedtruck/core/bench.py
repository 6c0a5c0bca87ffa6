"""What a measurement is, and how two things are compared fairly on a busy machine."""

import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """How long each load lasts in seconds, and how often all of it is measured.

    `scale` is the share of the rows that a part fills the tables with.
    """

    seconds: float = 6.0
    repeats: int = 3
    write: bool = False
    scale: float = 1.0


# Set by the command; what takes no notice of it measures as long as it needs.
EFFORT: ContextVar[Effort] = ContextVar("effort")


@dataclass(frozen=True)
class Result:
    """`value` in `unit`; with a `target`, at least or at most it as `at_least` says.

    `spread` is the lowest and the highest of the repeats, of which `value` is the median.
    """

    name: str
    value: float
    unit: str
    target: float | None = None
    at_least: bool = True
    spread: tuple[float, float] | None = None

    @property
    def met(self) -> bool:
        if self.target is None:
            return True
        return self.value >= self.target if self.at_least else self.value <= self.target

    def line(self) -> str:
        goal = ""
        if self.spread:
            goal = f" [{self.spread[0]:,.3f} to {self.spread[1]:,.3f}]"
        if self.target is not None:
            goal += f"  (at {'least' if self.at_least else 'most'} {self.target:g}: "
            goal += "met)" if self.met else "MISSED)"
        return f"{self.name:<44} {self.value:>12,.3f} {self.unit}{goal}"


def seconds(work: Callable[[], object], times: int) -> float:
    """Seconds for one call, over so many."""
    return _spent(time.perf_counter, work, times)


def busy_seconds(work: Callable[[], object], times: int) -> float:
    """The same by the processor's time of this thread: what else the machine does meanwhile does
    not count. For work that waits for nothing."""
    return _spent(time.thread_time, work, times)


def _spent(clock: Callable[[], float], work: Callable[[], object], times: int) -> float:
    started = clock()
    for _ in range(times):
        work()
    return (clock() - started) / times


def compared(
    ours: Callable[[], object], theirs: Callable[[], object], *, times: int, rounds: int = 25
) -> tuple[float, float]:
    """Busy seconds of each, in turns: the best round, which is the one that nobody disturbed."""
    pairs = [(busy_seconds(ours, times), busy_seconds(theirs, times)) for _ in range(rounds)]
    return min(a for a, _ in pairs), min(b for _, b in pairs)
