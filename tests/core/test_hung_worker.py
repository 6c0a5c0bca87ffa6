"""A worker that stopped and does not end is ended; one that runs, or that ends in time, is not."""

import os
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

from celery.bootsteps import CLOSE, RUN  # type: ignore[attr-defined]

from trustedtruck.core.hung_worker import end_if_hung


def test_a_worker_that_hangs_is_ended() -> None:
    worker = SimpleNamespace(blueprint=SimpleNamespace(state=RUN))
    ended: list[int] = []
    watching = threading.Thread(
        target=end_if_hung, args=[worker], kwargs={"grace_s": 0.3, "end": ended.append}
    )
    watching.start()
    time.sleep(1)
    assert ended == []
    worker.blueprint.state = CLOSE
    watching.join(10)
    assert ended == [1]


# The deadlock itself: the worker waits for its child, the child for somebody who reads its pipe.
HANGING = """
import os, threading, types
from celery.bootsteps import CLOSE
from trustedtruck.core.hung_worker import watch
watch(types.SimpleNamespace(blueprint=types.SimpleNamespace(state=CLOSE)), grace_s=0.5)
nobody, full = os.pipe()
os.write(full, b"x" * 1_000_000)
"""


def test_even_where_every_thread_waits() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HANGING], timeout=60, check=False, env=dict(os.environ)
    )
    assert done.returncode == 1
