"""What happened, one line of JSON for each thing, in the style of Jepsen.

An operation is invoked and then ends `ok` (it took effect), `fail` (it surely did not) or `unknown`
(nobody answered: it may have). Times are seconds of the monotonic clock since the beginning.
"""

import json
import threading
import time
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class History:
    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._lock = threading.Lock()
        self._began = time.monotonic()

    def now(self) -> float:
        return time.monotonic() - self._began

    def add(self, kind: str, **what: Any) -> Entry:
        entry = {"at": round(self.now(), 4), "kind": kind, **what}
        with self._lock:
            self.entries.append(entry)
        return entry

    def write(self, path: Path) -> None:
        with self._lock:
            lines = [json.dumps(entry) for entry in self.entries]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read(path: Path) -> list[Entry]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
