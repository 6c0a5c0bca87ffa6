"""Servers for measuring: an installation of its own, and the yardstick beside it.

PostgreSQL, Valkey and all processes of `manage.py run`, in a home that goes away afterwards; the
yardstick's web server and worker have the same numbers of processes and threads, the same database
server and the same broker.
"""

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from django.core.management.base import CommandError

from lanes.benchmarks import processor
from lanes.benchmarks.ground import Ground
from trustedtruck.core.embedded.ports import free_port
from trustedtruck.core.embedded.processes import Child
from trustedtruck.core.embedded.stack import commands, manage

READY_WITHIN = 120.0
YARDSTICK = "lanes.benchmarks.yardstick"


class Stage(Ground):
    """Running servers. `environment` reaches their database; `demo` is their demo.json."""

    def __init__(
        self,
        stack: ExitStack,
        environment: Mapping[str, str],
        threads: int,
        *,
        address: str = "",
    ) -> None:
        super().__init__(stack, environment, threads=threads, address=address)
        self.yardstick_port = free_port()
        self.children: dict[str, Child] = {}
        self.demo: dict[str, Any] = {}

    def open(self) -> None:
        """Loads the demonstration and starts everything; returns when all of it answers."""
        self.furnish()
        self._open_yardstick()
        self.serve()

    def furnish(self) -> None:
        super().furnish()
        self.demo = json.loads(self.home.demo.read_text())

    def serve(self) -> None:
        """Starts the product's processes; returns when everything that was started answers."""
        for name, command in commands(self.home, self._options).items():
            self._start(name, command, {})
        deadline = time.monotonic() + READY_WITHIN
        while not all(self._answers(*place) for place in self._places()):
            for child in self.children.values():
                if child.exit_code() is not None:
                    raise CommandError(f"{child.name} ended: {child.log.read_text()[-2000:]}")
            if time.monotonic() > deadline:
                raise CommandError(f"not ready within {READY_WITHIN:.0f} s")
            time.sleep(0.2)

    def rest(self) -> None:
        """Ends the product's processes, until `serve` starts them again; the servers stay."""
        for name in reversed(commands(self.home, self._options)):
            self.children.pop(name).stop()

    def _places(self) -> Iterator[tuple[int, str]]:
        yield self.port, "/readyz"
        if "yardstick-web" in self.children:
            yield self.yardstick_port, "/"

    def _open_yardstick(self) -> None:
        settings = {"DJANGO_SETTINGS_MODULE": f"{YARDSTICK}.settings"}
        table = "from django.db import connection as c; from lanes.benchmarks.yardstick.models"
        table += " import Report; e = c.schema_editor(); e.__enter__(); e.create_model(Report);"
        table += " e.__exit__(None, None, None)"
        self.once("yardstick-table", manage("shell", "--no-imports", "-c", table), settings)
        product = commands(self.home, self._options)
        web = [f"{YARDSTICK}.wsgi:application" if "wsgi" in a else a for a in product["web"]]
        web[web.index("--bind") + 1] = f"127.0.0.1:{self.yardstick_port}"
        self._start("yardstick-web", web, settings)
        worker = ["yardstick" if a == "lanes" else a for a in product["worker"]]
        worker[worker.index("-A") + 1] = f"{YARDSTICK}.celery"
        worker[worker.index("--hostname") + 1] = "yardstick@%h"
        self._start("yardstick-worker", worker, settings)

    def _start(self, name: str, command: list[str], more: Mapping[str, str]) -> None:
        child = self.children[name] = self.child(name, command, more)
        child.start()
        self.stack.callback(child.stop)

    def _answers(self, port: int, path: str, host: str = "127.0.0.1") -> bool:
        """Whether a server is there; the yardstick has nothing at `/` and says so."""
        try:
            asked = urllib.request.Request(f"http://{host}:{port}{path}")
            asked.add_header("Host", f"127.0.0.1:{port}")
            urllib.request.urlopen(asked, timeout=2).close()  # noqa: S310 - our own address
        except urllib.error.HTTPError as error:
            return path == "/" and error.code == 404
        except OSError:
            return False
        return True

    def processor_seconds(self) -> dict[str, float]:
        """What each part has used so far: web, worker and other processes, each server, the load.

        The yardstick's web and worker are `web` and `worker` too: only one of both is under load.
        """
        return self.used_by({})

    def used_by(self, elsewhere: Mapping[str, Sequence[Child]]) -> dict[str, float]:
        """The same, with processes that were started otherwise, by their part."""
        roots: dict[str, list[int]] = {"web": [], "worker": [], "others": []}
        for part, children in elsewhere.items():
            roots[part] += [child.pid for child in children]
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
