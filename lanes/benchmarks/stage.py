"""Servers for measuring: an installation of its own, and the yardstick beside it.

PostgreSQL, Valkey and all processes of `manage.py run`, in a home that goes away afterwards; the
yardstick's web server and worker have the same numbers of processes and threads, the same database
server and the same broker.
"""

import json
import os
import shutil
import signal
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from lanes.benchmarks import processor
from trustedtruck.core.embedded.environment import given_environment
from trustedtruck.core.embedded.guard import Guard
from trustedtruck.core.embedded.home import Home, Lock
from trustedtruck.core.embedded.ports import free_port, start_on_free_port
from trustedtruck.core.embedded.postgres import Postgres
from trustedtruck.core.embedded.processes import Child
from trustedtruck.core.embedded.secrets import secrets_of
from trustedtruck.core.embedded.stack import (
    PROJECT,
    commands,
    manage,
    options_from,
    product_environment,
)
from trustedtruck.core.embedded.valkey import Valkey

READY_WITHIN = 120.0
YARDSTICK = "lanes.benchmarks.yardstick"
# What an operator's environment names must not be measured by mistake, or written to.
NOT_OURS = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "BASE_URL", "BIND", "DEBUG")


class Stage:
    """Running servers. `environment` reaches their database; `demo` is their demo.json."""

    def __init__(self, stack: ExitStack, environment: Mapping[str, str], threads: int) -> None:
        """Everything is put on the `stack` that must end again."""
        self.stack = stack
        self.home = Home(Path(tempfile.mkdtemp(prefix="tt-bench-")).resolve())
        self.stack.callback(shutil.rmtree, self.home.root, ignore_errors=True)
        self._lock = Lock(self.home)
        self._lock.acquire()
        self.stack.callback(self._lock.release)
        self.home.furnish()
        self._guard = Guard(str(self.home.root), (self._lock.descriptor,))
        self.stack.callback(self._guard.close)
        self.port, self.yardstick_port = free_port(), free_port()
        given = {k: v for k, v in given_environment().items() if k not in NOT_OURS}
        given |= {"PORT": str(self.port), "TRUSTEDTRUCK_HOME": str(self.home.root), **environment}
        self._options = options_from(given, demo=True, traffic=False, web_threads=threads)
        secrets = secrets_of(self.home.secrets)
        self.environment = product_environment(given, self.home, secrets, self._options)
        self.children: dict[str, Child] = {}
        postgres = Postgres(
            self.home.postgres,
            log=self.home.log("postgres"),
            password=secrets.postgres_password,
            guard=self._guard,
        )
        valkey = Valkey(
            self.home.valkey,
            log=self.home.log("valkey"),
            password=secrets.valkey_password,
            guard=self._guard,
        )
        for name, server in (("DATABASE_URL", postgres), ("REDIS_URL", valkey)):
            self.stack.callback(server.stop)
            start_on_free_port(server)
            self.environment[name] = server.url
        self._servers: dict[str, Postgres | Valkey] = {"database": postgres, "broker": valkey}
        self.demo: dict[str, Any] = {}

    def open(self) -> None:
        """Loads the demonstration and starts everything; returns when all of it answers."""
        self._once("migrate", manage("migrate", "--no-input"), {})
        self._once("demo", manage("demo"), {})
        self.demo = json.loads(self.home.demo.read_text())
        for name, command in commands(self.home, self._options).items():
            self._start(name, command, {})
        self._open_yardstick()
        deadline = time.monotonic() + READY_WITHIN
        while not (self._answers(self.port, "/readyz") and self._answers(self.yardstick_port, "/")):
            for child in self.children.values():
                if child.exit_code() is not None:
                    raise CommandError(f"{child.name} ended: {child.log.read_text()[-2000:]}")
            if time.monotonic() > deadline:
                raise CommandError(f"not ready within {READY_WITHIN:.0f} s")
            time.sleep(0.2)

    def _open_yardstick(self) -> None:
        settings = {"DJANGO_SETTINGS_MODULE": f"{YARDSTICK}.settings"}
        table = "from django.db import connection as c; from lanes.benchmarks.yardstick.models"
        table += " import Report; e = c.schema_editor(); e.__enter__(); e.create_model(Report);"
        table += " e.__exit__(None, None, None)"
        self._once("yardstick-table", manage("shell", "--no-imports", "-c", table), settings)
        product = commands(self.home, self._options)
        web = [f"{YARDSTICK}.wsgi:application" if "wsgi" in a else a for a in product["web"]]
        web[web.index("--bind") + 1] = f"127.0.0.1:{self.yardstick_port}"
        self._start("yardstick-web", web, settings)
        worker = ["yardstick" if a == "lanes" else a for a in product["worker"]]
        worker[worker.index("-A") + 1] = f"{YARDSTICK}.celery"
        worker[worker.index("--hostname") + 1] = "yardstick@%h"
        self._start("yardstick-worker", worker, settings)

    def _child(self, name: str, command: list[str], more: Mapping[str, str]) -> Child:
        environment = {**self.environment, "TRUSTEDTRUCK_PROCESS": name, **more}
        if more:
            environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
        log = self.home.log(name)
        return Child(name, command, log=log, env=environment, cwd=PROJECT, guard=self._guard)

    def _start(self, name: str, command: list[str], more: Mapping[str, str]) -> None:
        child = self.children[name] = self._child(name, command, more)
        child.start()
        self.stack.callback(child.stop)

    def _once(self, name: str, command: list[str], more: Mapping[str, str]) -> None:
        child = self._child(name, command, {"PROMETHEUS_MULTIPROC_DIR": "", **more})
        child.start()
        while (code := child.exit_code()) is None:
            time.sleep(0.05)
        child.bury()
        if code:
            raise CommandError(f"{name} failed: {child.log.read_text()[-2000:]}")

    def _answers(self, port: int, path: str) -> bool:
        """Whether a server is there; the yardstick has nothing at `/` and says so."""
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2).close()
        except urllib.error.HTTPError as error:
            return path == "/" and error.code == 404
        except OSError:
            return False
        return True

    def processor_seconds(self) -> dict[str, float]:
        """What each part has used so far: web, worker and other processes, each server, the load.

        The yardstick's web and worker are `web` and `worker` too: only one of both is under load.
        """
        roots: dict[str, list[int]] = {"web": [], "worker": [], "others": []}
        for name, child in self.children.items():
            part = name.removeprefix("yardstick-")
            roots[part if part in roots else "others"].append(child.pid)
        for name, server in self._servers.items():
            roots[name] = [server.child.pid] if server.child else []
        return processor.used(roots)

    @contextmanager
    def without(self, name: str) -> Iterator[None]:
        """One process's group held still for the while of a block."""
        group = self.children[name].pid
        os.killpg(group, signal.SIGSTOP)
        try:
            yield
        finally:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGCONT)


@contextmanager
def stage(*, threads: int, **environment: str) -> Iterator[Stage]:
    """Opens a stage for the while of a block; nothing of it is left afterwards."""
    with ExitStack() as stack:
        made = Stage(stack, environment, threads)
        made.open()
        yield made
