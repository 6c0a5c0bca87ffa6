"""Ctrl-C, SIGTERM and a closed terminal ask for a stop; asking twice means at once."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from .errors import Interrupted

# `make` passes a signal on that its whole group has got already: that is still one request.
SAME_REQUEST = 0.5


class Stops:
    """Counts the requests. A handler does nothing else, so no line of code is cut in half."""

    def __init__(self) -> None:
        self.count = 0
        self._last = float("-inf")

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Handles the signals inside the block. SIGHUP stays ignored under nohup."""
        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            numbers.append(signal.SIGHUP)
        before = {number: signal.signal(number, self._heard) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def pause(self, seconds: float) -> None:
        """Sleeps; raises Interrupted when somebody asked for a stop."""
        if not self.count:
            time.sleep(seconds)
        if self.count:
            raise Interrupted

    def asked_again(self) -> Callable[[], bool]:
        """A function that tells whether there was a further request after this call."""
        before = self.count
        return lambda: self.count > before

    def _heard(self, signum: int, frame: FrameType | None) -> None:
        del signum, frame
        now = time.monotonic()
        if now - self._last > SAME_REQUEST:
            self.count += 1
        self._last = now
