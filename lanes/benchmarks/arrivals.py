"""`manage.py bench`: arrivals from gate to durable lane, beside what one would build instead.

All in one run on servers of its own: Celery's bare no-op, a bare validated insert of REST
framework, the textbook version of the job (see `yardstick`), and ours with everything that it does
for safety. Only ratios within one run mean anything; the machine is in every absolute number.
"""

import itertools
import json
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from celery import Celery
from django.conf import settings
from django.core.management.base import CommandError

from lanes.benchmarks import load, page, processor
from lanes.benchmarks.stage import Stage, stage
from trustedtruck.core.bench import EFFORT, Result

CLIENTS = (1, 8, 32)
RATES = (20, 60, 150)
LIGHT_LOAD = f"{RATES[0]} a second"
NOOP = "lanes.benchmarks.yardstick.tasks.noop"
OURS, INSERT, TEXTBOOK = "ours", "bare insert", "textbook"
BACKLOG = 1_500
PERCENTILES = (50, 95, 99)
# The aims: how ours must stand to the others.
OF_TEXTBOOK, OF_INSERT, OF_NOOP, LIGHT, TAIL = 5.0, 0.7, 1.0, 1.5, 5.0

Numbers = dict[str, list[float]]


def measure() -> Iterator[Result]:
    """All loads, `repeats` times over, everybody in turn in each."""
    effort = EFFORT.get()
    numbers: Numbers = {}
    with stage(threads=settings.WEB_THREADS + settings.EVENT_STREAMS) as servers:
        targets = targets_of(servers)
        bodies = bodies_of(servers.demo)
        for target in targets.values():
            load.closed(target, bodies, clients=8, seconds=2)
        for _repeat in range(effort.repeats):
            _celery(servers, numbers, effort.seconds)
            for clients in CLIENTS:
                for name, target in targets.items():
                    before = servers.processor_seconds()
                    found = load.closed(target, bodies, clients=clients, seconds=effort.seconds)
                    if clients == CLIENTS[-1]:
                        _processor(numbers, name, before, servers.processor_seconds(), found)
                    _failures(numbers, f"{name}, {clients} clients", found)
                    numbers.setdefault(f"{name}, {clients} clients", []).append(found.rate)
                    for percent in PERCENTILES:
                        _latency(numbers, f"{name}, {clients} clients", found, percent)
            for rate in RATES:
                for name, target in targets.items():
                    found = load.open_(target, bodies, rate=rate, seconds=effort.seconds)
                    _failures(numbers, f"{name}, {rate} a second", found)
                    for percent in PERCENTILES:
                        _latency(numbers, f"{name}, {rate} a second", found, percent)
            _backlog(servers, targets[OURS], bodies, numbers)
    results = [*_results(numbers), *_aims(numbers)]
    if effort.write:
        page.draw(results)
    yield from results


def targets_of(servers: Stage) -> dict[str, load.Target]:
    """By name: the two of the yardstick, and ours with the key of a gate."""
    key = servers.demo["devices"]["gate-1"]["key"]
    return {
        INSERT: load.Target(servers.yardstick_port, "/insert/"),
        TEXTBOOK: load.Target(servers.yardstick_port, "/textbook/"),
        OURS: load.Target(servers.port, "/api/v1/arrivals/", key),
    }


def bodies_of(demo: dict[str, Any]) -> list[dict[str, Any]]:
    """Three trusted trucks to one that is not: what everybody is sent."""
    samples = demo["samples"]
    fast, inspection = samples["fast_arrivals"], samples["inspection_arrivals"]
    return [body for n, one in enumerate(inspection) for body in [*fast[3 * n : 3 * n + 3], one]]


def _failures(numbers: Numbers, name: str, found: load.Measured) -> None:
    """The share that got no good answer. The textbook has some where it is overloaded.

    Ours falls back to inspection there; that shows in a line of its own.
    """
    if not found.answers:
        raise CommandError(f"{name}: no good answer, {found.failures[:3]}")
    share = 100 * len(found.failures) / (len(found.failures) + len(found.answers))
    numbers.setdefault(f"{name}, not answered", []).append(share)


def _processor(
    numbers: Numbers,
    name: str,
    before: dict[str, float],
    after: dict[str, float],
    found: load.Measured,
) -> None:
    """Where the processors' time went at full load: for one answer, and of ours by process."""
    parts = processor.spent(before, after, max(1, len(found.answers)))
    numbers.setdefault(f"{name}, processor time", []).append(sum(parts.values()))
    if name == OURS:
        for part, milliseconds in parts.items():
            numbers.setdefault(f"{name}, processor time: {part}", []).append(milliseconds)


def _latency(numbers: Numbers, name: str, found: load.Measured, percent: int) -> None:
    numbers.setdefault(f"{name}, p{percent}", []).append(found.percentile(percent) * 1000)
    if percent == PERCENTILES[0] and name.startswith(OURS):
        numbers.setdefault(f"{name}, inspected for want of time", []).append(fallen(found))


def fallen(found: load.Measured) -> float:
    """The share of our answers in percent that nobody had the time to decide."""
    decided = [json.loads(answer)["reasons"][0]["code"] for answer in found.answers]
    late = sum(code in ("deadline_passed", "overload") for code in decided)
    return 100 * late / len(decided)


def _celery(servers: Stage, numbers: Numbers, seconds: float) -> None:
    """A no-op and back: one after the other, at light load, and how many with many under way."""
    url = servers.environment["REDIS_URL"]
    client = Celery("bench", broker=url, backend=url)

    def one(_number: int) -> float:
        began = time.monotonic()
        client.send_task(NOOP, queue="yardstick").get(timeout=30)
        return time.monotonic() - began

    one(0)
    alone = sorted(one(n) for n in range(200))
    numbers.setdefault("Celery no-op and back, p50", []).append(alone[100] * 1000)
    light: list[float] = []

    def due(number: int, intended: float) -> None:
        one(number)
        light.append(time.monotonic() - intended)

    # By one thread: Celery's backend opens a connection of its own in each.
    load.paced(due, itertools.count(), rate=RATES[0], seconds=seconds, callers=1)
    at_light = statistics.median(light) * 1000
    numbers.setdefault(f"Celery no-op and back, {LIGHT_LOAD}, p50", []).append(at_light)
    began = time.monotonic()
    under_way = [client.send_task(NOOP, queue="yardstick") for _ in range(BACKLOG)]
    for sent in under_way:
        sent.get(timeout=60)
    rates = [BACKLOG / (time.monotonic() - began)]
    with ThreadPoolExecutor(32) as pool:
        began = time.monotonic()
        list(pool.map(one, range(BACKLOG)))
        rates.append(BACKLOG / (time.monotonic() - began))
    # Whichever way it is faster.
    numbers.setdefault("Celery no-ops", []).append(max(rates))
    client.close()


def _backlog(
    servers: Stage, target: load.Target, bodies: Sequence[dict[str, Any]], numbers: Numbers
) -> None:
    """How fast the workers decide what has piled up: from their return to the last lane.

    The port's deadline is long for that while, so that every truck gets a real decision.
    """
    with psycopg.connect(servers.environment["DATABASE_URL"], autocommit=True) as database:
        port = bodies[0]["port"]
        (deadline,) = _row(database, "SELECT deadline_ms FROM lanes_port WHERE code = %s", port)
        _row(
            database, "UPDATE lanes_port SET deadline_ms = 60000 WHERE code = %s RETURNING 1", port
        )
        (began,) = _row(database, "SELECT clock_timestamp()")
        with servers.without("worker"), ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: _leave(target, bodies[n % len(bodies)]), range(BACKLOG)))
            (thawed,) = _row(database, "SELECT clock_timestamp()")
        while _row(database, "SELECT EXISTS (SELECT 1 FROM lanes_waiting)")[0]:
            time.sleep(0.05)
        decided, last, by_worker = _row(
            database,
            "SELECT count(*), max(decided_at), count(*) FILTER (WHERE decided_by = 'worker')"
            " FROM lanes_assignment WHERE decided_at > %s",
            began,
        )
        if not decided == by_worker == BACKLOG:
            raise CommandError(f"{BACKLOG} were left, {decided} decided, {by_worker} by workers")
        numbers.setdefault("ours, decisions on a backlog", []).append(
            decided / (last - thawed).total_seconds()
        )
        _row(
            database,
            "UPDATE lanes_port SET deadline_ms = %s WHERE code = %s RETURNING 1",
            deadline,
            port,
        )


def _leave(target: load.Target, body: dict[str, Any]) -> None:
    """Report a truck and do not wait for its lane."""
    connection = load.Connection(target)
    request = target.request(body).replace(b"\r\n", b"\r\nPrefer: respond-async\r\n", 1)
    status, _answer = connection.exchange(request)
    connection.close()
    if status != 202:
        raise CommandError(f"an arrival was answered with {status}, not taken")


def _row(database: psycopg.Connection[Any], query: Any, *values: object) -> Any:
    return database.execute(query, values).fetchone()


def _results(numbers: Numbers) -> Iterator[Result]:
    for name, values in numbers.items():
        if name.endswith("not answered") and not any(values):
            continue
        unit = "per second"
        if name.endswith(("want of time", "not answered")):
            unit = "%"
        elif "processor time" in name or name.rpartition(", p")[2].isdigit():
            unit = "ms"
        yield Result(name, statistics.median(values), unit, spread=(min(values), max(values)))


def _aims(numbers: Numbers) -> Iterator[Result]:
    """Each from the repeats' own ratios, so that a busy minute hits both sides."""

    def ratio(
        name: str, above: str, below: Sequence[str], aim: float, least: bool = True
    ) -> Result:
        lower = [sum(values) for values in zip(*(numbers[b] for b in below), strict=True)]
        values = [a / b for a, b in zip(numbers[above], lower, strict=True)]
        spread = (min(values), max(values))
        return Result(name, statistics.median(values), "times", aim, least, spread)

    many = f"{CLIENTS[-1]} clients"
    yield ratio("throughput against the textbook", f"{OURS}, {many}", [f"{TEXTBOOK}, {many}"],
                OF_TEXTBOOK)  # fmt: skip
    yield ratio("throughput against a bare insert", f"{OURS}, {many}", [f"{INSERT}, {many}"],
                OF_INSERT)  # fmt: skip
    yield ratio("decisions against Celery's no-ops", "ours, decisions on a backlog",
                ["Celery no-ops"], OF_NOOP)  # fmt: skip
    light = f"{OURS}, {LIGHT_LOAD}"
    floor = [f"{who}, {LIGHT_LOAD}, p50" for who in (INSERT, "Celery no-op and back")]
    yield ratio("light load, p50 against insert and no-op", f"{light}, p50", floor, LIGHT, False)
    yield ratio("light load, p99 against p50", f"{light}, p99", [f"{light}, p50"], TAIL, False)
