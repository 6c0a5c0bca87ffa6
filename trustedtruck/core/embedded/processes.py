"""Child processes that have their own log file and end when the supervisor ends.

Linux sends a chosen signal to a process whose parent died (PR_SET_PDEATHSIG). The kernel forgets
it at every change of credentials, user namespaces included, so it is set after those. It hangs on
the thread that forked: start children from the main thread only.
"""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from .guard import Guard

PR_SET_PDEATHSIG = 1
LARGE_LOG = 16 * 1024 * 1024
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(parent: int, signum: int) -> None:
    """In the child, before exec: ask for `signum` when `parent` dies."""
    if not hasattr(_libc, "prctl"):
        return
    if _libc.prctl(PR_SET_PDEATHSIG, signum, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    # The parent may have died before we asked; then nobody will tell us.
    if os.getppid() != parent:
        os._exit(1)


def never() -> bool:
    """Nobody is in a hurry."""
    return False


def open_log(path: Path) -> int:
    """Opens a log to append to; a large one is put aside first, so that two never fill a disk."""
    with suppress(OSError):
        if path.stat().st_size > LARGE_LOG:
            path.replace(path.with_name(path.name + ".1"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


class Child:
    """One process of ours, in a session of its own: a Ctrl-C at the terminal does not reach it."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str],
        cwd: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        grace: float = 10.0,
        become: Callable[[], None] | None = None,
        guard: Guard | None = None,
    ) -> None:
        """`become` runs in the child before exec, where it may give up privileges."""
        self.name = name
        self.command = list(command)
        self.log = log
        self.grace = grace
        self._env = dict(env)
        self._cwd = cwd
        self._signal = stop_signal
        self._become = become
        self._guard = guard
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id, or 0 before the first start."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Starts it. OSError or SubprocessError when that is impossible."""
        parent, become, signum = os.getpid(), self._become, self._signal

        def before_exec() -> None:
            if become is not None:
                become()
            die_with_parent(parent, signum)

        log = open_log(self.log)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - commands are ours
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._env,
                cwd=self._cwd,
                start_new_session=True,
                preexec_fn=before_exec,
            )
        finally:
            os.close(log)
        if self._guard:
            self._guard.add(self.pid)

    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._process.poll() if self._process else -1

    def send(self, signum: int) -> None:
        """Signals the process itself, not its group."""
        if self._process and self.exit_code() is None:
            self._process.send_signal(signum)

    def ask_to_stop(self) -> None:
        """Sends the signal on which it stops cleanly."""
        self.send(self._signal)

    def bury(self) -> None:
        """After it ended: kills what is left of its group, such as pool workers."""
        if not self._process:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        if self._guard:
            self._guard.remove(self.pid)

    def kill(self) -> None:
        """Ends it and its group at once."""
        if self._process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()
            self.bury()

    def stop(self, hurry: Callable[[], bool] = never) -> bool:
        """Asks, waits for the grace and kills. False when it had to kill.

        `hurry` is asked meanwhile; when it says yes, the waiting ends.
        """
        self.ask_to_stop()
        return self.wait_or_kill(time.monotonic() + self.grace, hurry)

    def wait_or_kill(self, deadline: float, hurry: Callable[[], bool] = never) -> bool:
        """Waits for the end until the deadline (monotonic), then kills. False when it killed."""
        while self.exit_code() is None:
            if time.monotonic() > deadline or hurry():
                self.kill()
                return False
            time.sleep(0.05)
        self.bury()
        return True
