"""The faults, and when they come: all from one seed, so that a run can be had again."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import redis

from tests.faults.gate import Gate, Traffic
from tests.faults.history import History
from tests.faults.proxy import Line, Proxy
from tests.running import PROJECT
from tests.system.installation import Installation
from trustedtruck.core.embedded.ports import free_port

OFF_HOURS = (2, -2)
BURST, BURST_S = 10, 2.0
TOO_HEAVY = 2
# Can be read, and cannot be applied.
BROKEN_POLICY = {"weight_tolerance": "much"}


class Nemesis:
    """Breaks one part of the installation and mends it again; writes down when."""

    def __init__(
        self,
        installation: Installation,
        history: History,
        gate: Gate,
        traffic: Traffic,
        proxy: Proxy,
        chance: random.Random,
        rate: float,
    ) -> None:
        """`rate`: how many trucks come in a second."""
        self.installation, self.history = installation, history
        self.gate, self.traffic, self.proxy, self.chance = gate, traffic, proxy, chance
        self.environment, self.rate = _environment(installation), rate
        self.quiet = False

    # --- What can be broken: each is done when its function returns -------------------------------

    def kill_worker(self) -> None:
        self._kill(self.installation.pids("worker"))

    def kill_child(self) -> None:
        self._kill(self._children("worker"))

    def kill_beat(self) -> None:
        self._kill(self.installation.pids("beat"))

    def kill_sweep(self) -> None:
        self._kill(self.installation.pids("sweep"))

    def kill_web(self) -> None:
        self._kill(self.installation.pids("web"))

    def kill_web_child(self) -> None:
        self._kill(self._children("web")[:1])

    def kill_broker(self) -> None:
        self._kill(self.installation.server_pids("valkey"))

    def kill_database(self) -> None:
        self._kill(self._eldest(self.installation.server_pids("postgres")))

    def freeze_worker(self) -> None:
        self._freeze(self.installation.pids("worker"))

    def freeze_child(self) -> None:
        self._freeze(self._children("worker"))

    def freeze_sweep(self) -> None:
        self._freeze(self.installation.pids("sweep"))

    def freeze_beat(self) -> None:
        self._freeze(self.installation.pids("beat"))

    def freeze_web(self) -> None:
        self._freeze(self._children("web"))

    def freeze_broker(self) -> None:
        self._freeze(self.installation.server_pids("valkey"))

    def freeze_database(self) -> None:
        self._freeze(self.installation.server_pids("postgres"))

    def flush_broker(self) -> None:
        for _ in range(5):
            self._broker().flushall()
            time.sleep(0.2)

    def broker_full(self) -> None:
        with self._configured("maxmemory", "1mb"):
            time.sleep(self._while())

    def broker_read_only(self) -> None:
        with self._configured("min-replicas-to-write", "1"):
            time.sleep(self._while())

    def proxy_slow(self) -> None:
        self._proxied("slow")

    def proxy_reset(self) -> None:
        self._proxied("reset")

    def proxy_silent(self) -> None:
        self._proxied("silent")

    def proxy_half(self) -> None:
        self._proxied("half")

    def disk_full(self) -> None:
        """Not a byte is left where the installation lives: a disk of its own, or we do nothing."""
        home = self.installation.home
        if not home.is_mount():
            raise RuntimeError("the campaign has no disk of its own (it needs unshare, as root)")
        filler = home / "filler"
        try:
            with filler.open("wb", buffering=0) as file, suppress(OSError):
                os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(home).free)
                while file.write(bytes(4096)):
                    pass
            time.sleep(2 + self._while())
        finally:
            filler.unlink(missing_ok=True)

    def line_slow(self) -> None:
        self._lined("slow")

    def line_reset(self) -> None:
        self._lined("reset")

    def line_silent(self) -> None:
        self._lined("silent")

    def line_half(self) -> None:
        self._lined("half")

    def clock_worker(self) -> None:
        self._off("worker")

    def clock_sweep(self) -> None:
        self._off("sweep")

    def clock_beat(self) -> None:
        self._off("beat")

    def clock_web(self) -> None:
        self._off("web")

    def burst(self) -> None:
        """Ten times the usual trucks for two seconds."""
        for _ in range(round(BURST * self.rate * BURST_S)):
            event, body, eligible = self.traffic.next()
            self.gate.arrive(event, body, eligible=eligible, probe="burst")
            time.sleep(1 / (BURST * self.rate))

    def rolling_restart(self) -> None:
        """One process after the other is asked to end; the supervisor starts it again."""
        for name in ("worker", "sweep", "beat", "web"):
            for pid in self._eldest(self.installation.pids(name)):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
            time.sleep(1.0)

    def lose_nudges(self) -> None:
        """One truck at a time, whose nudge the broker refuses."""
        self.quiet = True
        try:
            time.sleep(2.5)
            for _ in range(3):
                # Only publishing is refused: workers listen on, as with a message that got lost.
                self._may_publish("-lpush")
                try:
                    event, body = self._eligible()
                    self.gate.arrive(event, body, eligible=True, probe="nudge")
                    time.sleep(0.4)
                finally:
                    _insist(lambda: self._may_publish("+lpush"))
                time.sleep(1.8)
        finally:
            self.quiet = False

    def suspend_in_the_act(self) -> None:
        """Trucks come at once; between reading and commit their credentials are suspended.

        By turns the deciding processes freeze at some moment, or their commits wait for the rows
        of the carriers, which they lock before they look at the credentials again.
        """
        for turn in range(6):
            bodies = [self._eligible() for _ in range(3)]
            tags = [body["tag_epc"] for _event, body in bodies]
            # Decided or not: the trucks of these tags are not eligible for a while.
            self.traffic.suspended.update(tags)
            with self._held_up() if turn % 2 else self._frozen_workers() as begin:
                for event, body in bodies:
                    self.gate.arrive(event, body, eligible=None, probe="suspended")
                begin()
                rows, since = self._suspend(tags)
            time.sleep(1.5)
            self._lift(rows, since)
            self.traffic.suspended.difference_update(tags)

    @contextmanager
    def _frozen_workers(self) -> Iterator[Callable[[], None]]:
        frozen: list[int] = []

        def begin() -> None:
            time.sleep(self.chance.uniform(0.01, 0.12))
            frozen.extend(self._signal(self._children("worker"), signal.SIGSTOP))

        try:
            yield begin
            time.sleep(0.3)
        finally:
            self._signal(frozen, signal.SIGCONT)

    @contextmanager
    def _held_up(self) -> Iterator[Callable[[], None]]:
        """Reading goes on, commits of fast decisions wait (0.4 s at most, then they try again)."""
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            connection.execute("SELECT 1 FROM carriers_carrier ORDER BY id FOR NO KEY UPDATE")
            yield lambda: time.sleep(self.chance.uniform(0.1, 0.25))

    def broken_policy(self) -> None:
        """A row that no service wrote: decisions that compare weights fail while it is in force.

        The trucks have everything that the commit looks at again, but their weight is wrong: only
        that a failed decision is no fast one keeps them from the fast lane.
        """
        live = self._sql(
            "SELECT body FROM lanes_policy WHERE port_id = '2304' AND effective_from <= now()"
            " ORDER BY effective_from DESC, version DESC LIMIT 1"
        )[0][0]
        self._policy(live | BROKEN_POLICY)
        try:
            time.sleep(1.5)  # until every process has read it
            for _ in range(6):
                event, body = self._eligible()
                heavy = body | {"gross_weight_kg": TOO_HEAVY * body["gross_weight_kg"]}
                self.gate.arrive(event, heavy, eligible=False, probe="policy")
                time.sleep(0.5)
        finally:
            self._policy(live)

    def wrong_clock(self) -> None:
        """A second web process whose clock is two hours off takes some of the trucks."""
        for off in OFF_HOURS:
            with self._second_web(off * 3600) as port:
                for _ in range(6):
                    event, body = self._eligible()
                    wall = time.time()
                    self.gate.arrive(
                        event, body, port=port, eligible=True, probe="clock", wall=wall
                    )
                    time.sleep(0.3)
                time.sleep(2)

    # --- How -------------------------------------------------------------------------------------

    def inflict(self, name: str) -> None:
        """One fault, with its beginning and end in the history."""
        from django.db import connection

        entry = self.history.add("fault", name=name, ended=1e9)
        try:
            getattr(self, name)()
        except Exception as error:
            # The part that was to be broken is down already, as in a pair of faults. It is said.
            entry["error"] = repr(error)
        finally:
            entry["ended"] = round(self.history.now(), 4)
            connection.close()

    def _while(self) -> float:
        return self.chance.uniform(1.0, 4.0)

    def _eligible(self) -> tuple[str, dict[str, Any]]:
        self.traffic.count += 1
        free = [b for b in self.traffic.fast if b["tag_epc"] not in self.traffic.suspended]
        return f"{self.traffic.prefix}-{self.traffic.count:05d}", self.chance.choice(free)

    def _kill(self, pids: list[int]) -> None:
        self._signal(pids, signal.SIGKILL)
        time.sleep(1.0)

    def _freeze(self, pids: list[int]) -> None:
        frozen = self._signal(pids, signal.SIGSTOP)
        try:
            time.sleep(self._while())
        finally:
            self._signal(frozen, signal.SIGCONT)

    def _signal(self, pids: list[int], what: signal.Signals) -> list[int]:
        sent = []
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, what)
                sent.append(pid)
        return sent

    def _children(self, name: str) -> list[int]:
        pids = self.installation.pids(name)
        return [pid for pid in pids if _parent(pid) in pids]

    def _eldest(self, pids: list[int]) -> list[int]:
        return [pid for pid in pids if _parent(pid) not in pids]

    def _broker(self) -> redis.Redis:
        return redis.Redis.from_url(
            self.environment["REDIS_URL"], socket_timeout=2, socket_connect_timeout=1
        )

    @contextmanager
    def _configured(self, name: str, value: str) -> Iterator[None]:
        broker = self._broker()
        before = str(broker.config_get(name)[name])
        broker.config_set(name, value)
        try:
            yield
        finally:
            _insist(lambda: self._broker().config_set(name, before))

    def _may_publish(self, rule: str) -> None:
        broker: Any = self._broker()
        broker.execute_command("ACL", "SETUSER", "default", rule)

    def _off(self, name: str) -> None:
        """Started again with a wall clock that is two hours wrong, and again with a right one."""
        with self._wished(name, {"off": self.chance.choice(OFF_HOURS) * 3600}):
            time.sleep(self._while())

    def _lined(self, mode: str) -> None:
        """A process reaches the database or the broker by a line that is bad for a while."""
        name = self.chance.choice(("worker", "sweep", "web"))
        server = self.chance.choice(("DATABASE_URL", "REDIS_URL"))
        line = Line(int(urlsplit(self.environment[server]).port or 0))
        try:
            with self._wished(name, {"lines": {server: line.port}}):
                line.mode = mode
                time.sleep(self._while())
                line.mode = "plain"
        finally:
            line.close()

    @contextmanager
    def _wished(self, name: str, wish: dict[str, Any]) -> Iterator[None]:
        """See `inside/sitecustomize.py`; the supervisor starts again what is killed."""
        path = Path(self.installation.environment["FAULTS_WISHES"]) / f"{name}.json"
        path.write_text(json.dumps(wish))
        try:
            self._again(name)
            yield
        finally:
            path.unlink()
            self._again(name)

    def _again(self, name: str) -> None:
        old = set(self.installation.pids(name))
        self._signal(list(old), signal.SIGKILL)
        # The supervisor waits longer each time that the same part ends soon.
        _insist(lambda: self._is_new(name, old), seconds=45)
        time.sleep(2.0)

    def _is_new(self, name: str, old: set[int]) -> None:
        if not set(self.installation.pids(name)) - old:
            raise OSError(f"{name} is not there yet")

    def _proxied(self, mode: str) -> None:
        self.proxy.mode = mode
        try:
            time.sleep(self._while())
        finally:
            self.proxy.mode = "plain"

    def _sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def _policy(self, body: dict[str, Any]) -> None:
        from psycopg.types.json import Jsonb

        self._sql(
            "INSERT INTO lanes_policy (port_id, version, body, note, drafted_by, drafted_at,"
            " approved_by, approved_at, effective_from, withdrawn_by)"
            " SELECT '2304', max(version) + 1, %s, '', 'user:1', now(), 'user:2', now(), now(), ''"
            " FROM lanes_policy WHERE port_id = '2304'",
            Jsonb(body),
        )

    def _suspend(self, tags: list[str]) -> tuple[list[Any], float]:
        """The credentials, and the instant after the last commit by the database's clock."""
        from django.db import connection
        from django.utils import timezone

        from trustedtruck.audit.actors import system
        from trustedtruck.credentials import services
        from trustedtruck.credentials.models import Credential

        rows = list(Credential.objects.filter(tag_epc__in=tags, state="active"))
        for row in rows:
            at = timezone.now()
            services.suspend(
                credential=row, by=system("faults"), at=at, reason="under_investigation"
            )
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
            return rows, float(cursor.fetchone()[0])

    def _lift(self, rows: list[Any], since: float) -> None:
        from django.db import connection
        from django.utils import timezone

        from trustedtruck.audit.actors import system
        from trustedtruck.credentials import services

        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
            until = float(cursor.fetchone()[0])
        for row in rows:
            self.history.add(
                "suspended", credential=row.pk, tag=row.tag_epc, **{"from": since, "until": until}
            )
            services.reinstate(credential=row, by=system("faults"), at=timezone.now())

    @contextmanager
    def _second_web(self, off: int) -> Iterator[int]:
        port = free_port()
        given = self.installation.environment | self.environment
        command = [
            *(sys.executable, "-m", "tests.faults.shifted", str(off)),
            *("trustedtruck.wsgi:application", "--bind", f"127.0.0.1:{port}"),
            *("--worker-class", "gthread", "--threads", "8", "--no-control-socket"),
        ]
        log = self.installation.home.with_suffix(".clock.log").open("ab")
        with log:
            web = subprocess.Popen(
                command,
                cwd=PROJECT,
                env=given,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _insist(lambda: _reachable(port), seconds=90)
            yield port
        finally:
            os.killpg(web.pid, signal.SIGKILL)
            web.wait(20)


def _environment(installation: Installation) -> dict[str, str]:
    found: dict[str, str] = json.loads((installation.home / "environment.json").read_text())
    return found


def _parent(pid: int) -> int:
    with suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def _reachable(port: int) -> None:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/healthz")
    if connection.getresponse().status != 200:
        raise OSError("not there yet")


def _insist(action: Callable[[], object], seconds: float = 20) -> None:
    """Mend what was broken, however long the part takes to listen again."""
    ends = time.monotonic() + seconds
    while True:
        try:
            action()
        except (OSError, redis.RedisError):
            if time.monotonic() > ends:
                raise
            time.sleep(0.3)
        else:
            return


SINGLE = (
    "kill_worker", "kill_child", "kill_beat", "kill_sweep", "kill_web", "kill_web_child",
    "kill_broker", "kill_database", "freeze_worker", "freeze_child", "freeze_sweep", "freeze_beat",
    "freeze_web",
    "freeze_broker", "freeze_database", "flush_broker", "broker_full", "broker_read_only",
    "proxy_slow", "proxy_reset", "proxy_silent", "proxy_half", "burst", "rolling_restart",
    "disk_full", "line_slow", "line_reset", "line_silent", "line_half",
    "clock_worker", "clock_sweep", "clock_beat", "clock_web",
)  # fmt: skip
# These have a sense of their own and are in every campaign: they ask what a mutant would get wrong.
PROBES = ("suspend_in_the_act", "broken_policy", "wrong_clock")
# Before anything else: a worker that is starting again decides nothing, nudged or not.
FIRST = "lose_nudges"


def plan(chance: random.Random, seconds: float) -> list[tuple[str, ...]]:
    """Which faults, in order; now and then two at once. Every probe comes once, lost nudges first.

    A fault with its pause takes about six seconds; the last ones are left for recovery. 0 seconds:
    the probes and frozen workers, which is what a mutant must not survive.
    """
    if not seconds:
        asked = [*PROBES, "freeze_worker"]
        chance.shuffle(asked)
        return [(FIRST,), *((name,) for name in asked)]
    many = max(int((seconds - 35) / 6), 2)
    drawn: list[tuple[str, ...]] = []
    rest: list[str] = []
    while len(drawn) < many:
        if not rest:
            rest = list(SINGLE)
            chance.shuffle(rest)
        name = rest.pop()
        other = chance.choice(SINGLE) if chance.random() < 0.2 else name
        drawn.append((name, other) if other != name else (name,))
    probes: list[tuple[str, ...]] = [(name,) for name in PROBES]
    chance.shuffle(probes)
    return [(FIRST,), *drawn, *probes]
