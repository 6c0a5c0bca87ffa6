"""Ends what a killed supervisor leaves behind.

A child gets a signal from the kernel when its parent dies (see `processes`), but that asks only
the child itself. A pool worker in the middle of a task, or a child that does not listen, would
stay. The guard is a process of its own that knows the children's process groups through a pipe:
when the pipe closes, it waits a moment and kills the groups that are still there.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

GRACE = 8.0


class Guard:
    """The supervisor's side."""

    def __init__(self, label: str, keep_open: tuple[int, ...] = ()) -> None:
        """`label` stands in the process list; `keep_open` are files the guard holds with us."""
        self._process = subprocess.Popen(  # noqa: S603 - our own file, our own interpreter
            [sys.executable, "-I", "-S", __file__, label],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=keep_open,
            cwd="/",
        )

    def add(self, group: int) -> None:
        """From now on the group ends with us."""
        self._tell("+", group)

    def remove(self, group: int) -> None:
        """The group has ended; its number may be somebody else's soon."""
        self._tell("-", group)

    def close(self) -> None:
        """Lets the guard go; it ends at once when every group was removed."""
        if self._process.stdin:
            with suppress(OSError):
                self._process.stdin.close()
        self._process.wait()

    def _tell(self, sign: str, group: int) -> None:
        # A guard that somebody killed must not take the supervisor with it.
        if self._process.stdin:
            with suppress(OSError):
                self._process.stdin.write(f"{sign}{group}\n".encode())
                self._process.stdin.flush()


def _exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _watch() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    deadline = time.monotonic() + GRACE
    while any(_exists(group) for group in groups) and time.monotonic() < deadline:
        time.sleep(0.1)
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    _watch()
