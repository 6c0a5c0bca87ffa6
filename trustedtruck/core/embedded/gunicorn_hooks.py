"""Gunicorn's settings that are code."""

import os
from typing import Any


def child_exit(server: Any, worker: Any) -> None:
    """Takes a dead worker's live gauges out of /metrics; its counters stay."""
    del server
    # A folder, empty at the start, where all processes put their metrics together for `/metrics`.
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
