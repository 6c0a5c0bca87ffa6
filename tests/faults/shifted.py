"""A web process whose clock is off: `python -m tests.faults.shifted SECONDS gunicorn-arguments`.

Its wall clock only (time-machine): nobody can set a machine's monotonic clock.
"""

import sys
from datetime import UTC, datetime, timedelta

import time_machine
from gunicorn.app.wsgiapp import run  # type: ignore[import-untyped]

if __name__ == "__main__":
    off = timedelta(seconds=float(sys.argv.pop(1)))
    time_machine.travel(datetime.now(UTC) + off, tick=True).start()
    run()
