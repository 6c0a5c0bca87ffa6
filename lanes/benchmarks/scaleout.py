"""`manage.py bench scaleout`: web and worker processes, each on a host of its own.

The hosts are network namespaces, which share nothing with each other but one PostgreSQL and one
broker; every process is alone in one. The processors are those of this machine, so that more hosts
cannot answer more than these bear: what must hold is that an arrival costs no more, and that each
is answered once, with what is in the database.
"""

import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import psycopg
import redis
from django.conf import settings
from django.core.management.base import CommandError

from lanes.benchmarks import load, processor
from lanes.benchmarks.arrivals import OURS, bodies_of, fallen, targets_of
from lanes.benchmarks.namespaces import HERE, NETWORK, Namespace, namespaces
from lanes.benchmarks.stage import Stage
from trustedtruck.core.bench import EFFORT, Result
from trustedtruck.core.embedded.processes import Child
from trustedtruck.core.embedded.stack import commands

# Web and worker processes.
NUMBERS = ((1, 1), (1, 2), (2, 1), (2, 2), (4, 4))
CLIENTS = 32
DEARER = 1.3


class Hosts(Stage):
    """The servers and what is single run here; web and workers are started elsewhere."""

    def __init__(self, stack: ExitStack) -> None:
        threads = settings.WEB_THREADS + settings.EVENT_STREAMS
        super().__init__(stack, {}, threads, address=HERE)
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as database:
            rules = self.home.postgres / "pg_hba.conf"
            with rules.open("a") as file:
                file.write(f"host all all {NETWORK}.0/24 scram-sha-256\n")
            database.execute("SELECT pg_reload_conf()")
        broker = redis.Redis.from_url(self.environment["REDIS_URL"], socket_timeout=5)
        broker.config_set("bind", f"127.0.0.1 {HERE}")
        names = ("DATABASE_URL", "REDIS_URL")
        self._from_afar = {n: self.environment[n].replace("127.0.0.1", HERE) for n in names}

    def serve_alone(self) -> None:
        """What an installation has once: sweep, beat and sealer."""
        for name, command in commands(self.home, self._options).items():
            if name in ("sweep", "beat", "seal"):
                self._start(name, command, {})

    def web(self, host: Namespace) -> Child:
        command = commands(self.home, self._options)["web"]
        command[command.index("--bind") + 1] = f"{host.address}:{self.port}"
        command[command.index("--workers") + 1] = "1"
        return self._at(host, "web", command)

    def worker(self, host: Namespace) -> Child:
        command = commands(self.home, self._options)["worker"]
        command[command.index("--concurrency") + 1] = "1"
        command[command.index("--hostname") + 1] = f"lanes@{host.name}"
        return self._at(host, "worker", command)

    def _at(self, host: Namespace, part: str, command: list[str]) -> Child:
        more = {**self._from_afar, "TRUSTEDTRUCK_PROCESS": part}
        child = self.child(f"{part}-{host.name}", host.inside(command), more)
        child.start()
        return child

    def ready(self, host: Namespace) -> bool:
        return self._answers(self.port, "/readyz", host.address)


def measure() -> Iterator[Result]:
    effort, costs = EFFORT.get(), []
    with ExitStack() as stack:
        hosts = stack.enter_context(namespaces(sum(NUMBERS[-1])))
        servers = Hosts(stack)
        servers.furnish()
        servers.serve_alone()
        for webs, workers in NUMBERS:
            with ExitStack() as running:
                children = {
                    "web": [servers.web(host) for host in hosts[:webs]],
                    "worker": [servers.worker(host) for host in hosts[webs : webs + workers]],
                }
                for child in (*children["web"], *children["worker"]):
                    running.callback(child.stop)
                at = [host.address for host in hosts[:webs]]
                _wait(servers, hosts[:webs], [c for some in children.values() for c in some])
                _load(servers, at, 3.0)
                before = servers.used_by(children)
                found = _load(servers, at, effort.seconds * effort.repeats)
                parts = processor.spent(before, servers.used_by(children), len(found.answers))
                name = f"{webs} web, {workers} workers"
                costs.append(sum(parts.values()))
                yield Result(f"{name}: arrivals", found.rate, "per second")
                yield Result(f"{name}: p50", 1000 * found.percentile(50), "ms")
                yield Result(f"{name}: processor time of one", costs[-1], "ms")
                for part in ("web", "worker", "database"):
                    yield Result(f"{name}: of that {part}", parts[part], "ms")
                yield Result(f"{name}: inspected for want of time", fallen(found), "%")
                yield Result(f"{name}: answered with an error", len(found.failures), "trucks")
                wrong = _wrong(servers, found)
                yield Result(
                    f"{name}: lost, doubled or answered otherwise", wrong, "of all", 0, False
                )
    yield Result(
        "dearest against one web and one worker", max(costs) / costs[0], "times", DEARER, False
    )


def _wait(servers: Hosts, webs: Sequence[Namespace], children: Sequence[Child]) -> None:
    deadline = time.monotonic() + 120
    while not all(servers.ready(host) for host in webs):
        for child in children:
            if child.exit_code() is not None:
                raise CommandError(f"{child.name} ended: {child.log.read_text()[-2000:]}")
        if time.monotonic() > deadline:
            raise CommandError("not ready within 120 s")
        time.sleep(0.2)


def _load(servers: Hosts, addresses: Sequence[str], seconds: float) -> load.Measured:
    """The clients share themselves among the web processes."""
    target, bodies = targets_of(servers)[OURS], bodies_of(servers.demo)

    def one(address: str) -> load.Measured:
        there = load.Target(target.port, target.path, target.key, host=address)
        clients = CLIENTS // len(addresses)
        return load.closed(there, bodies, clients=clients, seconds=seconds)

    with ThreadPoolExecutor(len(addresses)) as pool:
        found = list(pool.map(one, addresses))
    whole = load.Measured(seconds)
    for measured in found:
        whole.latencies += measured.latencies
        whole.failures += measured.failures
        whole.answers += measured.answers
    whole.latencies.sort()
    return whole


def _wrong(servers: Hosts, found: load.Measured) -> int:
    """Answers that differ from the one row in the database, or that name the same arrival."""
    answers: dict[str, Any] = {}
    doubled = 0
    for text in found.answers:
        answer = json.loads(text)
        doubled += answer["id"] in answers
        answers[answer["id"]] = answer["route"]
    with psycopg.connect(servers.environment["DATABASE_URL"]) as database:
        rows = database.execute(
            "SELECT arrival_id::text, route FROM lanes_assignment"
            " WHERE arrival_id = ANY(%s::uuid[])",
            [list(answers)],
        ).fetchall()
    return doubled + len(answers.items() ^ dict(rows).items())
