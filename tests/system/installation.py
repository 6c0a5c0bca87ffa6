"""A whole installation of its own, started as a user starts it, with hands on its processes."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.running import PROJECT, operator_environment
from trustedtruck.core.embedded.ports import free_port
from trustedtruck.core.ids import uuid7


class Installation:
    """`manage.py run` in a home of its own; `demo` is its demo.json once it is ready."""

    def __init__(self, home: Path, *, source: Path = PROJECT, **environment: str) -> None:
        """`source`: where `manage.py` lies, for a changed copy of the product."""
        self.home = home
        self.source = source
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        # No truck comes that the test did not send; one test lets them.
        quiet = {"DEMO_TRAFFIC_S": "0"} | environment
        self.environment = operator_environment(home, self.port, **quiet)
        self.process: subprocess.Popen[bytes] | None = None
        self.demo: dict[str, Any] = {}

    def start(self, *arguments: str, within: float = 180) -> None:
        """Returns when it is ready; on a busy machine that takes a while."""
        log = self.home.with_suffix(".log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "run", *arguments],
            cwd=self.source,
            env=self.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        log.close()
        deadline = time.monotonic() + within
        while self.status("/readyz") != 200:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError(self.home.with_suffix(".log").read_text())
            time.sleep(0.2)
        self.demo = json.loads((self.home / "demo.json").read_text())

    @contextmanager
    def command(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """A `manage.py` command that runs for the while of a block, and ends by SIGTERM."""
        running = subprocess.Popen(
            [sys.executable, "manage.py", *arguments], cwd=PROJECT, env=self.environment
        )
        try:
            yield running
        finally:
            running.terminate()
            running.wait(30)
        assert running.returncode == 0

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)

    def pids(self, name: str) -> list[int]:
        """The processes that run as `name` (web, worker, beat, sweep), children included."""
        wanted = {
            f"TRUSTEDTRUCK_PROCESS={name}".encode(),
            f"TRUSTEDTRUCK_HOME={self.home}".encode(),
        }
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if wanted <= set((entry / "environ").read_bytes().split(b"\0")):
                    found.append(int(entry.name))
        return found

    def server_pids(self, name: str) -> list[int]:
        """The processes of the embedded server: `valkey` or `postgres`, which run in its data."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (entry / "cwd").readlink() == self.home / name:
                    found.append(int(entry.name))
        return found

    @contextmanager
    def frozen(self, pids: list[int]) -> Iterator[None]:
        """SIGSTOP for the while of a block."""
        assert pids, "nothing to freeze"
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(self.base_url + path, timeout=5) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def get(self, path: str, key: str = "") -> Any:
        request = urllib.request.Request(self.base_url + path)
        if key:
            request.add_header("Authorization", f"Bearer {key}")
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    @contextmanager
    def events(self, *, device: str = "gate-1") -> Iterator[Iterator[dict[str, Any]]]:
        """What happens at the device's port, as it happens."""
        known = self.demo["devices"][device]
        request = urllib.request.Request(
            f"{self.base_url}/api/v1/ports/{known['port']}/events/",
            headers={"Authorization": f"Bearer {known['key']}", "Accept": "text/event-stream"},
        )
        with urllib.request.urlopen(request, timeout=30) as stream:
            lines = (line.decode().partition("data: ") for line in stream)
            bodies = (json.loads(data) for name, _sign, data in lines if data and not name)
            yield (body for body in bodies if "action" in body)

    def arrive(self, body: dict[str, Any], *, device: str = "gate-1") -> dict[str, Any]:
        """Report an arrival; the answer, with `status` and `seconds` that it took."""
        return self.post("/api/v1/arrivals/", body, device=device)

    def post(self, path: str, body: dict[str, Any], *, device: str = "gate-1") -> dict[str, Any]:
        """What a device tells; the answer, with `status` and `seconds` that it took."""
        request = urllib.request.Request(
            f"{self.base_url}{path}",
            json.dumps(body).encode(),
            {
                "Content-Type": "application/json",
                "Authorization": f"Bearer {self.demo['devices'][device]['key']}",
            },
        )
        began = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=15) as response:
                status = response.status
                answer: dict[str, Any] = json.load(response)
        except urllib.error.HTTPError as error:
            answer, status = json.load(error), error.code
        return answer | {"status": status, "seconds": time.monotonic() - began}


def manage(installation: Installation, *arguments: str) -> str:
    """What a command prints, run as an operator does in another terminal."""
    known = json.loads((installation.home / "environment.json").read_text())
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env=installation.environment | known,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=120,
    ).stdout


def shell(installation: Installation, code: str) -> str:
    return manage(installation, "shell", "-v0", "-c", code).strip()


def fresh(body: dict[str, Any]) -> dict[str, Any]:
    """A sample as a truck that comes now."""
    seen = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return body | {"event_id": str(uuid7()), "observed_at": seen}
