"""`manage.py bench growth`: does an arrival cost more among many trucks, a long past, many ports?

Two installations on one machine, asked in turns. One stays small: a thousand enrolled trucks, ten
thousand past arrivals, one port. The other grows step by step: to a million trucks, then to ten
million past arrivals with their audit, then the load comes to fifty ports in place of one. Whatever
else the machine does meets both, and only how they compare means anything.
"""

import itertools
import json
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone

from lanes.benchmarks import load, processor
from lanes.benchmarks.arrivals import OURS, bodies_of, fallen, targets_of
from lanes.benchmarks.filling import NOTHING, SMALL, Filling, Size, large
from lanes.benchmarks.growth import GROWS
from lanes.benchmarks.stage import Stage
from lanes.demonstration.port import WORLD_TRADE
from lanes.models import Lane, Policy, Port
from lanes.services.policies import approve_policy, draft_policy
from lanes.services.ports import NewLane, open_port
from trustedtruck.accounts.models import Device
from trustedtruck.accounts.roles import Scope
from trustedtruck.accounts.services import issue_key, register_device
from trustedtruck.audit.actors import system
from trustedtruck.core.bench import EFFORT, Result
from trustedtruck.core.embedded.stack import manage
from trustedtruck.manifests.models import Trip

RATE, CLIENTS = 60, 32
P50, STEADY = f"p50 at {RATE} a second", f"processor time at {RATE} a second"
FULL = f"processor time, {CLIENTS} clients"
FALLEN, REFUSED = "inspected for want of time", "answered with an error"
# Besides the one that the small installation has too.
PORTS = [str(number) for number in range(9001, 9050)]
# No truck is at two ports on one day: so many stay at the first, the others go to all.
AT_ONE_PORT = 80
SETTLES_WITHIN = 300.0


@dataclass
class _Side:
    """One of the two, what its gates report, and what was measured."""

    stage: Stage
    target: load.Target
    bodies: Sequence[dict[str, Any]]
    numbers: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def measure() -> Iterator[Result]:
    whole = large(EFFORT.get().scale)
    many_trucks = Size(whole.trucks, SMALL.arrivals)
    with ExitStack() as stack:
        small = _opened(stack, SMALL, whole)
        grown = _opened(stack, many_trucks, whole)
        yield from _compared(f"{whole.trucks:,} trucks", small, grown)
        grown.stage.rest()
        _fill(grown.stage, many_trucks, whole, whole)
        grown.stage.serve()
        yield from _compared(f"{whole.arrivals:,} past arrivals too", small, grown)
        grown = _at_ports(grown.stage)
        yield from _compared(f"{len(PORTS) + 1} ports too", small, grown)


def _opened(stack: ExitStack, size: Size, whole: Size) -> _Side:
    stage = Stage(stack, {}, settings.WEB_THREADS + settings.EVENT_STREAMS)
    stage.furnish()
    _fill(stage, NOTHING, size, whole)
    stage.serve()
    _settle(stage)
    return _Side(stage, targets_of(stage)[OURS], bodies_of(stage.demo)[:AT_ONE_PORT])


def _compared(name: str, small: _Side, grown: _Side) -> Iterator[Result]:
    """Both in turns; each repeat's own ratio, so that a busy minute hits both sides."""
    effort = EFFORT.get()
    sides = (small, grown)
    for side in sides:
        side.numbers.clear()
        load.closed(side.target, side.bodies, clients=8, seconds=2)
    for _repeat in range(effort.repeats):
        for side in sides:
            _steady(side, effort.seconds)
        for side in sides:
            _full(side, effort.seconds)
    for side, title in ((small, f"beside {name}"), (grown, name)):
        for what, values in side.numbers.items():
            unit = "%" if what in (FALLEN, REFUSED) else "ms"
            yield _median(f"{title}: {what}", values, unit)
    for what in (P50, STEADY, FULL):
        pairs = zip(small.numbers[what], grown.numbers[what], strict=True)
        ratios = [after / before for before, after in pairs]
        yield _median(f"growth with {name}: {what}", ratios, "times", GROWS)


def _steady(side: _Side, seconds: float) -> None:
    """At a rate that both bear, where most trucks are decided alone."""
    before = side.stage.processor_seconds()
    found = load.open_(side.target, side.bodies, rate=RATE, seconds=seconds)
    parts = _spent(side, before, found)
    side.numbers[P50].append(1000 * found.percentile(50))
    side.numbers[STEADY].append(sum(parts.values()))


def _full(side: _Side, seconds: float) -> None:
    """As much as it bears, where batches form."""
    before = side.stage.processor_seconds()
    found = load.closed(side.target, side.bodies, clients=CLIENTS, seconds=seconds)
    parts = _spent(side, before, found)
    side.numbers[FULL].append(sum(parts.values()))
    for part, milliseconds in parts.items():
        side.numbers[f"{FULL}: {part}"].append(milliseconds)
    side.numbers[FALLEN].append(fallen(found))


def _spent(side: _Side, before: Mapping[str, float], found: load.Measured) -> dict[str, float]:
    if not found.answers:
        raise CommandError(f"no good answer: {found.failures[:3]}")
    all_of_them = len(found.failures) + len(found.answers)
    side.numbers[REFUSED].append(100 * len(found.failures) / all_of_them)
    return processor.spent(before, side.stage.processor_seconds(), len(found.answers))


def _median(name: str, values: Sequence[float], unit: str, target: float | None = None) -> Result:
    spread = (min(values), max(values))
    return Result(name, statistics.median(values), unit, target, False, spread)


def _settle(stage: Stage) -> None:
    """The first lane bundle of all trucks is made once, for no arrival."""
    deadline = time.monotonic() + SETTLES_WITHIN
    with psycopg.connect(stage.environment["DATABASE_URL"], autocommit=True) as database:
        while not database.execute("SELECT 1 FROM credentials_bundle LIMIT 1").fetchone():
            if time.monotonic() > deadline:
                raise CommandError(f"no lane bundle within {SETTLES_WITHIN:.0f} s")
            time.sleep(0.5)


def _fill(stage: Stage, made: Size, size: Size, whole: Size) -> None:
    """By a process whose database is the stage's; then as PostgreSQL would keep it in the end."""
    sizes = ", ".join(f"Size({s.trucks}, {s.arrivals})" for s in (made, size, whole))
    _in(stage, "fill", f"fill({sizes})")
    with psycopg.connect(stage.environment["DATABASE_URL"], autocommit=True) as database:
        # Else it would begin with this by itself while we measure.
        database.execute("VACUUM ANALYZE")
        database.execute("CHECKPOINT")


def fill(made: Size, size: Size, whole: Size) -> None:
    """In a process of the installation that is filled."""
    gate = Device.objects.get(port_code=WORLD_TRADE, code="gate-1")
    with transaction.atomic():
        Filling(gate, whole, made=made, ports=PORTS, audited=True).up_to(size)


def _at_ports(stage: Stage) -> _Side:
    """The load in turn at all ports, by trucks that have not been at any today."""
    found = stage.home.root / "ports.json"
    _in(stage, "ports", f"open_ports({str(found)!r})")
    told = json.loads(found.read_text())
    return _Side(stage, replace(targets_of(stage)[OURS], keys=told["keys"]), told["bodies"])


def open_ports(path: str) -> None:
    """In a process of the installation: ports like the first, and trips there. Writes to `path`."""
    demo = json.loads((settings.HOME / "demo.json").read_text())
    like = Port.objects.get(pk=WORLD_TRADE)
    at, by = timezone.now(), system("bench")
    keys = {}
    for code in PORTS:
        _open_port(like, code, at)
        device = register_device(port_code=code, code="gate-1", name="Gate", by=by)
        keys[code] = issue_key(scopes=[Scope.ARRIVALS_WRITE], by=by, at=at, device=device)
    bodies = bodies_of(demo)[AT_ONE_PORT:]
    for body, code in zip(bodies, itertools.cycle([WORLD_TRADE, *PORTS]), strict=False):
        body["port"] = code
        Trip.objects.filter(trip_number=body.get("trip_number", "")).update(port_code=code)
    Path(path).write_text(json.dumps({"keys": keys, "bodies": bodies}))


def _open_port(like: Port, code: str, at: datetime) -> None:
    by = system("bench")
    names = [field.name for field in fields(NewLane)]
    lanes = [NewLane(**lane) for lane in Lane.objects.filter(port=like).values(*names)]
    port = open_port(
        code=code, name=f"Port {code}", country="US", timezone=like.timezone, lanes=lanes, by=by
    )
    rules = Policy.objects.filter(port=like).latest("version").body
    policy = draft_policy(port=port, body=rules, by=by, at=at)
    approve_policy(policy=policy, by=system("approver"), at=at)


def _in(stage: Stage, name: str, call: str) -> None:
    """A function of this module, in a process of the installation."""
    script = f"from lanes.benchmarks.grown import *; {call}"
    stage.once(name, manage("shell", "--no-imports", "-c", script))
