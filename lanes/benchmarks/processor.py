"""Which process used the processors, from /proc: the profile beside every rate.

On a machine whose processors are all busy, answers a second are processors divided by the
processor time of an answer; and other work on the machine changes the first and hardly the second.
"""

import os
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
# Fields of /proc/<pid>/stat behind the name: the parent, then user and system time of the process
# and of its children that have ended.
PARENT, OWN, ENDED = 1, (11, 12), (13, 14)


def used(roots: Mapping[str, Iterable[int]]) -> dict[str, float]:
    """Seconds so far, by name, of processes and everything below them; `load` is this process."""
    processes = _processes()
    children: dict[int, list[int]] = defaultdict(list)
    for pid, fields in processes.items():
        children[int(fields[PARENT])].append(pid)
    seconds = dict.fromkeys(roots, 0.0)
    for name, pids in roots.items():
        waiting = list(pids)
        while waiting:
            pid = waiting.pop()
            waiting += children[pid]
            mine = processes.get(pid)
            if mine is not None:
                seconds[name] += sum(int(mine[n]) for n in (*OWN, *ENDED)) / TICKS
    return seconds | {"load": time.process_time()}


def _processes() -> dict[int, list[str]]:
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):  # it has ended meanwhile
                text = (entry / "stat").read_text()
                found[int(entry.name)] = text.rpartition(")")[2].split()
    return found


def spent(
    before: Mapping[str, float], after: Mapping[str, float], answers: int
) -> dict[str, float]:
    """Milliseconds of each for one answer."""
    return {name: 1000 * (after[name] - before[name]) / answers for name in after}
