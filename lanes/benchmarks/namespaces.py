"""Network namespaces on this machine: each a host of its own, on one bridge. Needs root."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.core.management.base import CommandError

BRIDGE = "ttbench"
NETWORK = "10.231.77"
HERE = f"{NETWORK}.1"


class Namespace:
    """`address` is where its processes listen; `inside` makes a command run there."""

    def __init__(self, number: int) -> None:
        self.name = f"{BRIDGE}{number}"
        self.address = f"{NETWORK}.{number + 1}"

    def inside(self, command: list[str]) -> list[str]:
        return ["ip", "netns", "exec", self.name, *command]


@contextmanager
def namespaces(number: int) -> Iterator[list[Namespace]]:
    """So many, numbered from 1 on, that reach this machine at `HERE`. Gone afterwards."""
    with ExitStack() as stack:
        _ip("link", "add", BRIDGE, "type", "bridge")
        stack.callback(_ip, "link", "del", BRIDGE)
        _ip("addr", "add", f"{HERE}/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        made = [Namespace(n) for n in range(1, number + 1)]
        for one in made:
            _ip("netns", "add", one.name)
            stack.callback(_ip, "netns", "del", one.name)
            outer = f"{one.name}o"
            _ip("link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", one.name)
            _ip("link", "set", outer, "master", BRIDGE, "up")
            _ip("-n", one.name, "addr", "add", f"{one.address}/24", "dev", "eth0")
            _ip("-n", one.name, "link", "set", "eth0", "up")
            _ip("-n", one.name, "link", "set", "lo", "up")
        yield made


def _ip(*arguments: str) -> None:
    try:
        subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)  # noqa: S603, S607
    except FileNotFoundError:
        raise CommandError("this needs the command `ip` (iproute2)") from None
    except subprocess.CalledProcessError as error:
        raise CommandError(f"ip {' '.join(arguments)}: {error.stderr.strip()}") from None
