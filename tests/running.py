"""`manage.py run` as a process, looked at from outside."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from trustedtruck.core.embedded.ports import free_port

PROJECT = Path(__file__).resolve().parents[1]
OURS = (
    *("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "KEYSTORE_DIR", "KEYSTORE_PASSPHRASE"),
    *("FIELD_ENCRYPTION_KEYS", "MEDIA_ROOT", "TRUSTEDTRUCK_HOME", "PORT", "BASE_URL", "BIND"),
    *("DEMO", "PYTEST_CURRENT_TEST", "DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE"),
)


def operator_environment(home: Path, port: int, **more: str) -> dict[str, str]:
    """What an operator's shell has: nothing of the test run's own servers."""
    clean = {name: value for name, value in os.environ.items() if name not in OURS}
    return clean | {"TRUSTEDTRUCK_HOME": str(home), "PORT": str(port)} | more


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def processes_of(home: Path) -> dict[int, str]:
    """Every process that knows the home by its command line, environment or directory."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        if int(entry.name) == os.getpid():
            continue
        with suppress(OSError):
            command = (entry / "cmdline").read_bytes()
            seen = command + b"\0" + (entry / "environ").read_bytes()
            if str(home).encode() in seen or _stands_in(entry, home):
                found[int(entry.name)] = command.replace(b"\0", b" ").decode(errors="replace")
    return found


def _stands_in(entry: Path, home: Path) -> bool:
    return Path(os.readlink(entry / "cwd")).is_relative_to(home)


class Running:
    """One supervisor. Ends with the test in any case."""

    def __init__(self, home: Path, *, port: int = 0, **environment: str) -> None:
        self.home = home
        self.port = port or free_port()
        self.log = home.with_name(home.name + ".out")
        self._environment = operator_environment(home, self.port, **environment)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    @property
    def output(self) -> str:
        return self.log.read_text()

    def start(self, *arguments: str, before: Sequence[str] = ()) -> "Running":
        """`before` is a command that runs the supervisor, such as `unshare`."""
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [*before, sys.executable, str(PROJECT / "manage.py"), "run", *arguments],
                env=self._environment,
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def start_and_wait(self, *arguments: str) -> "Running":
        self.start(*arguments)
        self.wait_for("Ctrl-C stops everything")
        return self

    def wait_for(self, text: str, seconds: float = 120) -> None:
        def there() -> bool:
            return text in self.output or self._ended()

        until(there, seconds)
        assert text in self.output, self.output

    def wait(self, seconds: float = 60) -> int:
        assert self._process
        return self._process.wait(seconds)

    def send(self, signum: signal.Signals) -> None:
        assert self._process
        self._process.send_signal(signum)

    def get(self, path: str) -> int:
        address = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(address, timeout=10) as response:
            return int(response.status)

    def find(self, part: str) -> list[int]:
        """The process ids whose command line holds the text."""
        return [pid for pid, command in processes_of(self.home).items() if part in command]

    def clean_up(self) -> None:
        """Kills what is left, this home's processes only."""
        if self._process and not self._ended():
            self.send(signal.SIGTERM)
            # Asked twice, it waits for no child; a moment later, or it is the same request.
            with suppress(subprocess.TimeoutExpired):
                self.wait(0.7)
            self.send(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.wait(20)
        for pid in processes_of(self.home):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self._process:
            self._process.wait(10)

    def _ended(self) -> bool:
        return self._process is None or self._process.poll() is not None


def started(made: list[Running]) -> Iterator[Callable[..., Running]]:
    """The body of a fixture that makes supervisors and ends them."""

    def make(home: Path, *, port: int = 0, **environment: str) -> Running:
        made.append(Running(home, port=port, **environment))
        return made[-1]

    try:
        yield make
    finally:
        for running in made:
            running.clean_up()
