"""A home of its own for measuring: PostgreSQL with the demonstration in it, and a broker."""

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.core.management.base import CommandError

from trustedtruck.core.embedded.environment import given_environment
from trustedtruck.core.embedded.guard import Guard
from trustedtruck.core.embedded.home import Home, Lock
from trustedtruck.core.embedded.ports import free_port, start_on_free_port
from trustedtruck.core.embedded.postgres import Postgres
from trustedtruck.core.embedded.processes import Child
from trustedtruck.core.embedded.secrets import secrets_of
from trustedtruck.core.embedded.stack import PROJECT, manage, options_from, product_environment
from trustedtruck.core.embedded.valkey import Valkey

# What an operator's environment names must not be measured by mistake, or written to.
NOT_OURS = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "BASE_URL", "BIND", "DEBUG")


class _Reachable(Postgres):
    """PostgreSQL that listens at one more address."""

    address = ""

    def _options(self) -> list[str]:
        more = f"listen_addresses=127.0.0.1,{self.address}"
        return [*super()._options(), *(["-c", more] if self.address else [])]


class Ground:
    """`environment` reaches both servers; the home goes away with the stack."""

    def __init__(
        self,
        stack: ExitStack,
        environment: Mapping[str, str],
        *,
        threads: int = 1,
        durable: bool = True,
        address: str = "",
    ) -> None:
        """Everything is put on the `stack` that must end again.

        Not `durable`: the server waits for no disk, for what is not about writing. At `address`,
        one of this machine, both servers can be reached from other network namespaces too.
        """
        self.stack = stack
        self.home = Home(Path(tempfile.mkdtemp(prefix="tt-bench-")).resolve())
        self.stack.callback(shutil.rmtree, self.home.root, ignore_errors=True)
        self._lock = Lock(self.home)
        self._lock.acquire()
        self.stack.callback(self._lock.release)
        self.home.furnish()
        self._guard = Guard(str(self.home.root), (self._lock.descriptor,))
        self.stack.callback(self._guard.close)
        self.port = free_port()
        given = {k: v for k, v in given_environment().items() if k not in NOT_OURS}
        given |= {"PORT": str(self.port), "TRUSTEDTRUCK_HOME": str(self.home.root), **environment}
        self._options = options_from(given, demo=True, traffic=False, web_threads=threads)
        secrets = secrets_of(self.home.secrets)
        self.environment = product_environment(given, self.home, secrets, self._options)
        postgres = _Reachable(
            self.home.postgres,
            log=self.home.log("postgres"),
            password=secrets.postgres_password,
            for_tests=not durable,
            guard=self._guard,
        )
        postgres.address = address
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

    def furnish(self) -> None:
        """The tables, and the demonstration in them."""
        self.once("migrate", manage("migrate", "--no-input"))
        self.once("demo", manage("demo"))

    def once(self, name: str, command: list[str], more: Mapping[str, str] | None = None) -> None:
        """Run a command to its end."""
        child = self.child(name, command, {"PROMETHEUS_MULTIPROC_DIR": "", **(more or {})})
        child.start()
        while (code := child.exit_code()) is None:
            time.sleep(0.05)
        child.bury()
        if code:
            raise CommandError(f"{name} failed: {child.log.read_text()[-2000:]}")

    def child(self, name: str, command: list[str], more: Mapping[str, str]) -> Child:
        environment = {**self.environment, "TRUSTEDTRUCK_PROCESS": name, **more}
        if more:
            environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
        log = self.home.log(name)
        return Child(name, command, log=log, env=environment, cwd=PROJECT, guard=self._guard)


@contextmanager
def ground(*, durable: bool = True) -> Iterator[Ground]:
    """For the while of a block; nothing of it is left afterwards."""
    with ExitStack() as stack:
        made = Ground(stack, {}, durable=durable)
        made.furnish()
        yield made
