"""A network of its own for one installation, and one cable to it that can be pulled."""

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# For tests of networks (RFC 2544): never somebody's own.
HERE, THERE, PREFIX = "198.18.77.1", "198.18.77.2", "30"
_CLONE_NEWNET = 0x40000000


class Cable:
    """A network namespace of Linux and a pair of virtual interfaces; needs root and iproute2."""

    def __init__(self) -> None:
        self.name = f"tt-{os.getpid()}"
        # At most 15 characters, and nobody else's.
        self.here, self.there = (f"tt{os.getpid()}{end}" for end in "ab")
        _ip("netns", "add", self.name)
        try:
            _ip("link", "add", self.here, "type", "veth", "peer", self.there, "netns", self.name)
            _ip("addr", "add", f"{HERE}/{PREFIX}", "dev", self.here)
            _ip("link", "set", self.here, "up")
            self._there("addr", "add", f"{THERE}/{PREFIX}", "dev", self.there)
            self._there("link", "set", "lo", "up")
            self.plug()
        except subprocess.CalledProcessError:
            self.remove()
            raise

    @contextmanager
    def far_end(self) -> Iterator[None]:
        """What this thread starts inside (processes, threads, sockets) lives at the far end."""
        with Path("/proc/thread-self/ns/net").open("rb") as near, self._file().open("rb") as far:
            _enter(far.fileno())
            try:
                yield
            finally:
                _enter(near.fileno())

    def pull(self) -> None:
        """Nothing goes either way from now on; nobody is told."""
        self._there("link", "set", self.there, "down")

    def plug(self) -> None:
        self._there("link", "set", self.there, "up")

    def remove(self) -> None:
        # With the namespace the interfaces would go as well, but only after a while.
        for command in (["link", "del", self.here], ["netns", "del", self.name]):
            subprocess.run(["ip", *command], check=False, capture_output=True)

    def _file(self) -> Path:
        return Path("/run/netns") / self.name

    def _there(self, *arguments: str) -> None:
        _ip("-n", self.name, *arguments)


def possible() -> bool:
    """Whether we may make a network namespace here."""
    if os.geteuid() != 0:
        return False
    try:
        Cable().remove()
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _enter(namespace: int) -> None:
    """`os.setns`, which Python has from 3.12 on; for this thread and what it starts."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
