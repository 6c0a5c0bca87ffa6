"""TRUSTEDTRUCK_HOME: everything one installation keeps on disk, and one supervisor at a time."""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .environment import FILE, write_private
from .errors import EmbeddedError

MIN_FREE_MB = 300
# How long the servers of a killed supervisor may take to stop before we give up on the home.
PATIENCE = 20.0


@dataclass(frozen=True)
class Home:
    """The layout of an installation's directory."""

    root: Path

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data directory."""
        return self.root / "postgres"

    @property
    def valkey(self) -> Path:
        """Valkey's append-only files and its configuration."""
        return self.root / "valkey"

    @property
    def logs(self) -> Path:
        """One log file per child."""
        return self.root / "logs"

    @property
    def keys(self) -> Path:
        """The issuer's signing keys, encrypted."""
        return self.root / "keys"

    @property
    def media(self) -> Path:
        """Uploaded files."""
        return self.root / "media"

    @property
    def checkpoints(self) -> Path:
        """The audit's signed checkpoints."""
        return self.root / "checkpoints"

    @property
    def metrics(self) -> Path:
        """Where the processes of one run gather their Prometheus metrics."""
        return self.root / "metrics"

    @property
    def beat(self) -> Path:
        """Celery beat's memory of what it last sent."""
        return self.root / "beat"

    @property
    def secrets(self) -> Path:
        """The generated secrets, mode 0600."""
        return self.root / "secrets.json"

    @property
    def environment(self) -> Path:
        """The environment of the running installation, mode 0600; absent when stopped."""
        return self.root / FILE

    @property
    def demo(self) -> Path:
        """What the demonstration says about itself."""
        return self.root / "demo.json"

    @property
    def starting(self) -> Path:
        """There while a start is not over: until then /readyz says no."""
        return self.root / "starting"

    @property
    def schema(self) -> Path:
        """In which state `migrate` left the database."""
        return self.root / "schema"

    @property
    def ports(self) -> Path:
        """The embedded servers' ports of the last run."""
        return self.root / "ports.json"

    def log(self, name: str) -> Path:
        """The log file of one child."""
        return self.logs / f"{name}.log"

    def check(self, min_free_mb: int = MIN_FREE_MB) -> None:
        """EmbeddedError when the directory cannot be made or its disk is nearly full."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _not_writable(self.root, error) from error
        free_mb = shutil.disk_usage(self.root).free // (1024 * 1024)
        if free_mb < min_free_mb:
            raise EmbeddedError(
                f"Only {free_mb} MB are free on the disk of {self.root}; {min_free_mb} MB are"
                " needed. Free some space, or choose another disk with TRUSTEDTRUCK_HOME."
            )

    def furnish(self) -> None:
        """Makes the directories, once the home is locked; clears what belongs to one run only."""
        try:
            # It may name the servers of a run that was killed.
            self.environment.unlink(missing_ok=True)
            self.starting.unlink(missing_ok=True)
            shutil.rmtree(self.metrics, ignore_errors=True)
            for path in (
                *(self.logs, self.keys, self.media),
                *(self.beat, self.valkey, self.metrics),
            ):
                path.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise _not_writable(self.root, error) from error

    def remembered_ports(self) -> dict[str, int]:
        """The ports of the last run; empty when unknown."""
        try:
            values = json.loads(self.ports.read_text())
            return {str(name): int(port) for name, port in values.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}

    def remember_ports(self, **ports: int) -> None:
        """Keeps the ports, so that a restart uses the same where they are still free."""
        write_private(self.ports, json.dumps(self.remembered_ports() | ports) + "\n")


class Lock:
    """Holds a home for one supervisor, and for what it started until that is gone.

    The lock lives in an open file: the guard inherits it, so the home stays taken until the
    children of a killed supervisor have ended too.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._descriptor = -1

    @property
    def descriptor(self) -> int:
        """The open file that carries the lock."""
        return self._descriptor

    def acquire(self, pause: Callable[[float], None] = time.sleep) -> None:
        """Takes the home. EmbeddedError when another supervisor lives on it."""
        path = self._home.root / "lock"
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _not_writable(self._home.root, error) from error
        deadline = time.monotonic() + PATIENCE
        while not self._try():
            holder = self._holder()
            if _alive(holder) or time.monotonic() > deadline:
                self.release()
                raise EmbeddedError(
                    f"TrustedTruck already runs on {self._home.root} (process {holder}). Stop it"
                    " first, or start a second copy with another TRUSTEDTRUCK_HOME and PORT."
                )
            pause(0.2)
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Gives the home free."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _try(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _holder(self) -> int:
        with suppress(ValueError):
            return int(os.pread(self._descriptor, 32, 0).decode().strip() or 0)
        return 0


def _alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # A killed supervisor stays a zombie until its parent looks.
    with suppress(OSError):
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    return True


def _not_writable(root: Path, error: OSError) -> EmbeddedError:
    return EmbeddedError(
        f"{root} cannot be written ({error.strerror or error}). Choose a directory of yours with"
        " TRUSTEDTRUCK_HOME, or run as the user who owns it."
    )
