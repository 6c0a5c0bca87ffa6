"""Brings a dead child back, and waits longer each time it dies again soon."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
# A child that lived this long starts again with the first wait.
SETTLED = 60.0


class Mortal(Protocol):
    """Something that runs and may end by itself."""

    @property
    def log(self) -> Path:
        """Where it says why."""

    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""

    def bury(self) -> None:
        """Clears away what it left."""


class Keeper:
    """Watches one child. `start` starts it and, for a server, waits until it answers."""

    def __init__(self, name: str, child: Mortal, start: Callable[[], None]) -> None:
        self.name = name
        self._child = child
        self._start = start
        self._wait = FIRST_WAIT
        self._started_at: float | None = None
        self._due_at: float | None = None

    def look(self, now: float) -> str:
        """Called again and again with a monotonic time; returns a line when something happened.

        Raises what `start` raises; the next attempt is then later than this one was.
        """
        if self._started_at is None:
            self._started_at = now
        if self._due_at is not None:
            return self._start_again(now) if now >= self._due_at else ""
        code = self._child.exit_code()
        if code is None:
            return ""
        self._child.bury()
        if now - self._started_at > SETTLED:
            self._wait = FIRST_WAIT
        self._due_at = now + self._wait
        return (
            f"{self.name} {ended_by(code)}; starting it again in {self._wait:.0f} s"
            f" (log: {self._child.log})"
        )

    def _start_again(self, now: float) -> str:
        self._wait = min(self._wait * 2, LONGEST_WAIT)
        self._due_at = now + self._wait
        self._start()
        self._due_at = None
        self._started_at = now
        return f"{self.name} runs again"


def ended_by(code: int) -> str:
    """An exit code in words."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
