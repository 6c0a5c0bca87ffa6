"""Free TCP ports for servers that only this installation talks to."""

import errno
import random
import socket
from typing import Protocol

from .errors import EmbeddedError, PortTaken

# Below the range from which Linux takes the ports of outgoing connections, so that a port
# remembered from the last run is not a client's port by now.
FIRST, LAST = 20_000, 32_000


class Server(Protocol):
    """A server that can be told its port before it starts."""

    name: str
    port: int

    def start(self) -> None:
        """Starts and waits until it answers; PortTaken when the port went to somebody else."""


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now.

    SO_REUSEADDR, because the servers set it too: a connection in TIME_WAIT is no obstacle.
    Raises OSError for anything but a taken port (no such address, a port for root only).
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def free_port(remembered: int | None = None) -> int:
    """The remembered port where it is still free, else another free one."""
    if remembered is not None and is_free(remembered):
        return remembered
    for _ in range(200):
        port = random.randint(FIRST, LAST)
        if is_free(port):
            return port
    raise EmbeddedError(f"No free port on 127.0.0.1 between {FIRST} and {LAST}.")


def start_on_free_port(server: Server, remembered: int | None = None, attempts: int = 5) -> int:
    """Starts the server on a free port, and on another when somebody else was faster."""
    for _ in range(attempts):
        server.port = free_port(remembered)
        try:
            server.start()
        except PortTaken:
            remembered = None
            continue
        return server.port
    raise EmbeddedError(f"{server.name}: {attempts} ports in a row were taken while starting.")
