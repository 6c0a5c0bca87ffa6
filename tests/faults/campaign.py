"""One campaign after the other on one installation: load, faults, recovery, settling, verdict."""

import json
import os
import random
import re
import threading
import time
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any

from tests.faults import truth
from tests.faults.checker import Verdict, judge
from tests.faults.gate import Gate, Traffic
from tests.faults.history import History
from tests.faults.nemesis import Nemesis, plan
from tests.faults.proxy import Proxy
from tests.system.installation import Installation

PORT = "2304"
SETTLE = 60.0
# Nothing is broken for so long, and a twentieth of the campaign more, so that shares say something.
QUIET_BEFORE, QUIET_AFTER = 4.0, 33.0
LOOK_S = 10.0
_HELD = re.compile(r"^Rss(?:Anon|Shmem):\s+(\d+) kB$", re.MULTILINE)


class Memory:
    """Megabytes that web, worker and sweep hold themselves, together, now and then."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self.samples: list[tuple[float, float]] = []
        self.look()

    def look(self) -> None:
        self.samples.append((time.monotonic(), memory(self._installation)))

    def growth(self) -> float | None:
        """MB an hour, by the median of all slopes (Theil and Sen) of the second half.

        The first half fills caches and pools. None where that is less than five minutes.
        """
        later = self.samples[len(self.samples) // 2 :]
        if len(later) < 3 or later[-1][0] - later[0][0] < 300:
            return None
        slopes = [(b - a) / (t - s) for (s, a), (t, b) in combinations(later, 2)]
        return round(median(slopes) * 3600, 2)


@dataclass
class Report:
    seed: int
    verdict: Verdict
    memory: Memory
    load: tuple[float, float]
    faults: list[str]
    failed: list[str]

    def as_json(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            **self.verdict.as_json(),
            "memory_mb": (self.memory.samples[0][1], self.memory.samples[-1][1]),
            "memory_growth_mb_an_hour": self.memory.growth(),
            "load": self.load,
            "faults": self.faults,
            "failed_faults": self.failed,
        }


def connect(installation: Installation) -> None:
    """Point this process's Django at the installation; before anything of it is imported."""
    environment = json.loads((installation.home / "environment.json").read_text())
    os.environ.update(environment)
    os.environ["DJANGO_SETTINGS_MODULE"] = "trustedtruck.settings"
    os.environ["LOG_LEVEL"] = "CRITICAL"
    import django

    django.setup()


def change_schema(statement: str) -> None:
    """What a mutant's migration would have made otherwise."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)


def run(
    installation: Installation,
    *,
    seed: int,
    seconds: float,
    rate: float,
    keep: Path,
    healthy: bool = False,
) -> Report:
    """Everything but the scheduler's whims follows from the seed. History and truth are kept.

    `healthy`: nothing is broken; trucks come for so many seconds, to look at speed and memory.
    """
    chance = random.Random(seed)
    history = History()
    database = json.loads((installation.home / "environment.json").read_text())["DATABASE_URL"]
    lanes = truth.lanes(database, PORT)
    proxy = Proxy(installation.port)
    gate = Gate(
        history,
        key=installation.demo["devices"]["gate-1"]["key"],
        port=proxy.port,
        fast_lane=lanes["fast"],
        other_lane=lanes["inspection"],
    )
    prefix = f"f{seed}-{int(time.time())}"
    traffic = Traffic(installation.demo["samples"], chance, prefix)
    nemesis = Nemesis(installation, history, gate, traffic, proxy, random.Random(seed + 1), rate)
    used, load = Memory(installation), os.getloadavg()[0]
    over = threading.Event()
    driver = threading.Thread(target=_drive, args=[gate, traffic, nemesis, rate, over])
    driver.start()
    faults = [] if healthy else plan(random.Random(seed + 2), seconds)
    try:
        if healthy:
            _watch(used, seconds)
        else:
            time.sleep(QUIET_BEFORE + seconds / 20)
            for names in faults:
                _inflict(nemesis, names)
                time.sleep(chance.uniform(0.5, 2.0))
            time.sleep(QUIET_AFTER + seconds / 20 if seconds else 3.0)
    finally:
        over.set()
        driver.join()
    gate.settle(SETTLE)
    used.look()
    proxy.close()
    rows = truth.rows(database, prefix)
    keep.mkdir(parents=True, exist_ok=True)
    history.write(keep / f"history-{seed}.jsonl")
    lines = [json.dumps(row) for row in rows]
    (keep / f"truth-{seed}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Report(
        seed,
        judge(history.entries, rows),
        used,
        (round(load, 1), round(os.getloadavg()[0], 1)),
        ["+".join(names) for names in faults],
        [
            f"{entry['name']}: {entry['error']}"
            for entry in history.entries
            if entry["kind"] == "fault" and "error" in entry
        ],
    )


def _watch(used: Memory, seconds: float) -> None:
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0:
        time.sleep(min(left, LOOK_S))
        used.look()


def _inflict(nemesis: Nemesis, names: tuple[str, ...]) -> None:
    """Two faults of a pair begin together."""
    threads = [threading.Thread(target=nemesis.inflict, args=[name]) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _drive(
    gate: Gate, traffic: Traffic, nemesis: Nemesis, rate: float, over: threading.Event
) -> None:
    """Trucks by chance, some reported twice, some late and so out of order."""
    while not over.is_set():
        time.sleep(traffic.chance.expovariate(rate))
        if nemesis.quiet:
            continue
        event, body, eligible = traffic.next()
        twice = traffic.chance.random() < 0.1
        late = traffic.chance.uniform(0.2, 1.5) if traffic.chance.random() < 0.1 else 0.0
        gate.arrive(event, body, twice=twice, late=late, eligible=eligible)


def memory(installation: Installation) -> float:
    """Megabytes at this moment, without the pages of files, which come and go."""
    total = 0
    for name in ("web", "worker", "sweep"):
        for pid in installation.pids(name):
            try:
                text = Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue
            total += sum(map(int, _HELD.findall(text)))
    return round(total * 1024 / 1e6, 1)
