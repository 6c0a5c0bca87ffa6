"""A Celery worker that cannot end is ended.

When the broker refuses a command of the worker's own (full, read-only), Celery gives up with an
“unrecoverable error” and waits for its children. A child that is about to write its result waits
for the worker to read it, so that both wait for ever: a process that lives and decides nothing.
The supervisor starts again what has ended, not what hangs.
"""

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from celery.bootsteps import RUN  # type: ignore[attr-defined]

log = structlog.get_logger(__name__)
EX_FAILURE = 1
LOOK_S = 0.5


def watch(controller: Any, *, grace_s: float) -> None:
    """In a thread: once this worker stops running, it has so long to end by itself."""
    watcher = threading.Thread(
        target=end_if_hung, args=[controller], kwargs={"grace_s": grace_s}, daemon=True
    )
    watcher.start()


def end_if_hung(
    controller: Any, *, grace_s: float, end: Callable[[int], object] = os._exit
) -> None:
    """Returns only where `end` does; a worker that ended in time took this thread with it."""
    while controller.blueprint.state == RUN:
        time.sleep(LOOK_S)
    time.sleep(grace_s)
    log.critical("worker_hangs", grace_s=grace_s)
    end(EX_FAILURE)
