"""Finds and ends server processes that an earlier, killed run left on a data directory."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def processes_in(directory: Path, command: str = "postgres") -> list[int]:
    """The processes of that name whose working directory is `directory`.

    PostgreSQL's have it all, the backends too, whose command line does not name the directory.

    Empty where there is no /proc, and without processes of other users when we are not root.
    """
    wanted = os.path.realpath(directory)
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            # By name too: an operator's shell may stand in the directory.
            if (
                os.readlink(entry / "cwd") == wanted
                and (entry / "comm").read_text().strip() == command
            ):
                found.append(int(entry.name))
    return found


def end_processes_in(
    directory: Path, pause: Callable[[float], None] = time.sleep, patience: float = 10.0
) -> None:
    """Ends them: asked politely at first (SIGINT is PostgreSQL's fast shutdown), then killed.

    We hold the home's lock when this runs, so nobody else can have started them for a reason.
    """
    for signum in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        for pid in processes_in(directory):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signum)
        deadline = time.monotonic() + patience
        while processes_in(directory):
            if time.monotonic() > deadline:
                break
            pause(0.1)
        else:
            return
