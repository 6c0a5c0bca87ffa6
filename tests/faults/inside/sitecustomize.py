"""Python reads this first in every process of a campaign's installation (it is on PYTHONPATH).

What the nemesis wishes of the process lies in a file: `off`, by how many seconds its wall clock is
wrong (nobody can set a machine's monotonic clock), and `lines`, through which port it reaches the
database or the broker.
"""

import json
import os
import re
from pathlib import Path


def _obey(wish: dict[str, object]) -> None:
    lines = wish.get("lines") or {}
    assert isinstance(lines, dict)
    for name, port in lines.items():
        os.environ[name] = re.sub(r"@127\.0\.0\.1:\d+", f"@127.0.0.1:{port}", os.environ[name])
    if off := wish.get("off"):
        from datetime import UTC, datetime, timedelta

        import time_machine

        assert isinstance(off, int)
        time_machine.travel(datetime.now(UTC) + timedelta(seconds=off), tick=True).start()


_wish = Path(os.environ.get("FAULTS_WISHES", "/nowhere")) / (
    os.environ.get("TRUSTEDTRUCK_PROCESS", "nobody") + ".json"
)
if _wish.exists():
    _obey(json.loads(_wish.read_text()))
