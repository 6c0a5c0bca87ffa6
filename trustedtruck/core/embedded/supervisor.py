"""Starts an installation in order, keeps it alive and stops it in the reverse order."""

import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from .environment import write_environment
from .errors import EmbeddedError, Interrupted, failed
from .guard import Guard
from .home import Home, Lock
from .keeper import Keeper
from .ports import start_on_free_port
from .postgres import Postgres
from .processes import Child
from .progress import Progress
from .readiness import answer
from .schema import is_as_left, leave, state
from .secrets import Secrets, secrets_of
from .stack import PROJECT, Options, check_port, commands, manage, product_environment
from .stops import Stops
from .valkey import Valkey

READY_WITHIN = 90.0
TRUCKS_NEED = ("web", "worker", "sweep")
# Web, workers, beat and sweep stop together within this, then they are killed.
STOP_WITHIN = 12.0


class Supervisor:
    """One run. Use it in the main thread only (signals; PR_SET_PDEATHSIG hangs on the thread)."""

    def __init__(
        self,
        home: Home,
        options: Options,
        given: Mapping[str, str],
        write: Callable[[str], None],
    ) -> None:
        """`given` is the operator's environment; `write` prints a piece of text at once."""
        self._home = home
        self._options = options
        self._given = given
        self._progress = Progress(write)
        self._stops = Stops()
        self._lock = Lock(home)
        self._guard: Guard | None = None
        self._servers: list[Postgres | Valkey] = []
        self._product: list[Child] = []

    def run(self, welcome: Callable[[float], str]) -> None:
        """Returns after a clean stop; raises EmbeddedError when the start failed.

        `welcome` gets the seconds the start took and returns what to print.
        """
        begun = time.monotonic()
        with self._stops.listening():
            try:
                self._open()
                environment = self._start_servers()
                self._prepare(environment)
                self._start_product(environment)
                self._progress.text(welcome(time.monotonic() - begun))
                self._keep_alive()
            except Interrupted:
                pass
            finally:
                self._stop()

    def _open(self) -> None:
        with self._progress.step(f"Home {self._home.root}"):
            self._home.check(self._options.min_free_mb)
            self._lock.acquire(self._stops.pause)
            self._home.furnish()
            self._guard = Guard(str(self._home.root), (self._lock.descriptor,))
        with self._progress.step(f"Port {self._options.port}"):
            check_port(self._options)

    def _start_servers(self) -> dict[str, str]:
        secrets = secrets_of(self._home.secrets)
        environment = product_environment(self._given, self._home, secrets, self._options)
        if not environment.get("DATABASE_URL"):
            environment["DATABASE_URL"] = self._start_server("postgres", self._postgres(secrets))
        if not environment.get("REDIS_URL"):
            environment["REDIS_URL"] = self._start_server("valkey", self._valkey(secrets))
        write_environment(self._home.root, environment)
        return environment

    def _postgres(self, secrets: Secrets) -> Postgres:
        return Postgres(
            self._home.postgres,
            log=self._home.log("postgres"),
            password=secrets.postgres_password,
            wal_archive=self._options.wal_archive,
            guard=self._guard,
            pause=self._stops.pause,
        )

    def _valkey(self, secrets: Secrets) -> Valkey:
        return Valkey(
            self._home.valkey,
            log=self._home.log("valkey"),
            password=secrets.valkey_password,
            guard=self._guard,
            pause=self._stops.pause,
        )

    def _start_server(self, key: str, server: Postgres | Valkey) -> str:
        with self._progress.step(server.name) as note:
            self._servers.append(server)
            port = start_on_free_port(server, self._home.remembered_ports().get(key))
            self._home.remember_ports(**{key: port})
            note(f"127.0.0.1:{port}")
        return server.url

    def _prepare(self, environment: Mapping[str, str]) -> None:
        url, apps = environment["DATABASE_URL"], self._options.apps
        with self._progress.step("Database schema") as note:
            if is_as_left(self._home.schema, state(url, apps)):
                note("as it was left")
                return
            self._command("migrate", environment, "--no-input", "--skip-checks")
            leave(self._home.schema, state(url, apps))

    def _command(self, name: str, environment: Mapping[str, str], *arguments: str) -> None:
        # A process that ends must leave no live gauges where /metrics looks for them.
        without = {k: v for k, v in environment.items() if k != "PROMETHEUS_MULTIPROC_DIR"}
        child = self._child(name, manage(name, *arguments), without)
        child.start()
        while (code := child.exit_code()) is None:
            self._stops.pause(0.05)
        child.bury()
        self._product.remove(child)
        if code != 0:
            raise failed(f"`manage.py {name}` failed.", child.log)

    def _child(self, name: str, command: list[str], environment: Mapping[str, str]) -> Child:
        child = Child(
            name,
            command,
            log=self._home.log(name),
            env={**environment, "TRUSTEDTRUCK_PROCESS": name},
            cwd=PROJECT,
            guard=self._guard,
        )
        self._product.append(child)
        return child

    def _start_product(self, environment: Mapping[str, str]) -> None:
        waiting = commands(self._home, self._options)
        # Who waits for /readyz reads demo.json next.
        self._home.starting.touch(0o600)
        # Those that a truck needs read their code while the demonstration is loaded, and before
        # the others take the processors for theirs.
        for name in TRUCKS_NEED:
            self._child(name, waiting.pop(name), environment).start()
        if self._options.demo:
            with self._progress.step("Demonstration"):
                self._command("demo", environment)
        self._home.starting.unlink()
        with self._progress.step("Web, workers, beat, sweep") as note:
            self._wait_until_ready()
            for name, command in waiting.items():
                self._child(name, command, environment).start()
            note("/readyz answers 200")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while said := answer(self._options):
            for child in self._product:
                if child.exit_code() is not None:
                    raise failed(f"{child.name} ended while starting.", child.log)
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"/readyz does not answer 200 after {READY_WITHIN:.0f} s. It says: {said}."
                    f" The logs are in {self._home.logs}."
                )
            self._stops.pause(0.1)

    def _keep_alive(self) -> None:
        keepers = [Keeper(server.name, server, server.start) for server in self._servers]
        keepers += [Keeper(child.name, child, child.start) for child in self._product]
        while True:
            for keeper in keepers:
                try:
                    line = keeper.look(time.monotonic())
                except (EmbeddedError, OSError, subprocess.SubprocessError) as error:
                    line = f"{keeper.name}: {error}"
                if line:
                    self._progress.event(line)
            self._stops.pause(0.25)

    def _stop(self) -> None:
        """Ends everything, in the reverse order; each further request kills what is waited for."""
        begun = time.monotonic()
        running = bool(self._product or self._servers)
        if running:
            self._progress.text("\nStopping ... ")
        killed = self._stop_product(begun + STOP_WITHIN)
        killed += self._stop_servers()
        if self._guard:
            # Ours to remove only where we held the home.
            with suppress(OSError):
                self._home.environment.unlink(missing_ok=True)
            self._guard.close()
        self._lock.release()
        if running:
            how = f", killed: {', '.join(killed)}" if killed else ""
            self._progress.text(f"stopped{how} ({time.monotonic() - begun:.1f} s)\n")

    def _stop_product(self, deadline: float) -> list[str]:
        hurry = self._stops.asked_again()
        for child in reversed(self._product):
            child.ask_to_stop()
        return [
            child.name
            for child in reversed(self._product)
            if not child.wait_or_kill(deadline, hurry)
        ]

    def _stop_servers(self) -> list[str]:
        # Haste with the product is no reason to cut off the last writes of the servers.
        hurry = self._stops.asked_again()
        return [server.name for server in reversed(self._servers) if not server.stop(hurry)]
