"""Load on an HTTP address: so many clients as fast as they can, or so many requests a second.

Latencies of the second kind count from the time at which a request should have been sent, so that
a server that stalls cannot hide it by holding back its callers (coordinated omission).
"""

import itertools
import json
import random
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Empty, LifoQueue
from typing import Any, TypeVar

# More than any rate needs at any tolerable latency.
CALLERS = 64

T = TypeVar("T")


@dataclass(frozen=True)
class Target:
    """Where to: `key` is the bearer key, empty for none; `keys` are those of other ports' gates."""

    port: int
    path: str
    key: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    host: str = "127.0.0.1"

    def request(self, body: dict[str, Any]) -> bytes:
        """A whole request with an event id of its own."""
        content = json.dumps(body | {"event_id": str(uuid.uuid4())}).encode()
        key = self.keys.get(body.get("port", ""), self.key)
        secret = f"Authorization: Bearer {key}\r\n" if key else ""
        return (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{secret}"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        ).encode() + content


@dataclass
class Measured:
    """`latencies` are seconds, sorted; `failures` are answers other than 200 and 201, by status."""

    seconds: float
    latencies: list[float] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, percent: float) -> float:
        """Seconds; the nearest rank."""
        if not self.latencies:
            return float("inf")
        place = min(len(self.latencies) - 1, int(len(self.latencies) * percent / 100))
        return self.latencies[place]


class Connection:
    """One connection that is kept, and made anew when the server has closed it meanwhile."""

    def __init__(self, target: Target) -> None:
        self._address = (target.host, target.port)
        self._socket: socket.socket | None = None

    def exchange(self, request: bytes) -> tuple[int, bytes]:
        """Status and body. An event id makes sending twice harmless."""
        for _attempt in range(2):
            if self._socket is None:
                self._socket = socket.create_connection(self._address, timeout=30)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                self._socket.sendall(request)
                if answer := self._read(self._socket):
                    return answer
            except (BrokenPipeError, ConnectionResetError):
                pass
            self.close()
        raise ConnectionError("the server closed the connection twice")

    def _read(self, connection: socket.socket) -> tuple[int, bytes] | None:
        received = b""
        while b"\r\n\r\n" not in received:
            piece = connection.recv(65_536)
            if not piece:
                return None
            received += piece
        head, _blank, body = received.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next(
            (int(line[15:]) for line in lines if line.startswith(b"content-length:")), None
        )
        if length is None:
            raise ValueError("an answer without its length")
        while len(body) < length:
            piece = connection.recv(65_536)
            if not piece:
                return None
            body += piece
        if b"connection: close" in lines:
            self.close()
        return int(head[9:12]), body

    def close(self) -> None:
        if self._socket:
            self._socket.close()
        self._socket = None


def closed(target: Target, bodies: Sequence[Any], *, clients: int, seconds: float) -> Measured:
    """So many clients, each with its next request as soon as the last is answered."""
    measured = Measured(seconds)
    ends = time.monotonic() + seconds

    def client(number: int) -> None:
        connection = Connection(target)
        for body in itertools.islice(itertools.cycle(bodies), number * 7, None):
            request, began = target.request(body), time.monotonic()
            if began > ends:
                break
            status, answer = connection.exchange(request)
            _note(measured, status, answer, time.monotonic() - began)
        connection.close()

    _together(client, clients)
    measured.latencies.sort()
    return measured


def open_(target: Target, bodies: Sequence[Any], *, rate: float, seconds: float) -> Measured:
    """So many requests a second at random instants, however slow answers are.

    As gates do, a caller keeps its connection; another is opened only where all are in use.
    """
    measured = Measured(seconds)
    requests, idle = map(target.request, itertools.cycle(bodies)), LifoQueue[Connection]()

    def exchange(request: bytes, intended: float) -> None:
        try:
            connection = idle.get_nowait()
        except Empty:
            connection = Connection(target)
        status, answer = connection.exchange(request)
        _note(measured, status, answer, time.monotonic() - intended)
        idle.put(connection)

    paced(exchange, requests, rate=rate, seconds=seconds)
    while not idle.empty():
        idle.get_nowait().close()
    measured.latencies.sort()
    return measured


def paced(
    work: Callable[[T, float], None],
    pieces: Iterator[T],
    *,
    rate: float,
    seconds: float,
    callers: int = CALLERS,
) -> None:
    """`work` is given a piece and its instant (of `time.monotonic()`) at each of these instants.

    They are a Poisson stream, the same one for everybody who is measured.
    """
    instants = list(_instants(rate, seconds))
    turn = iter([(at, piece) for at, piece in zip(instants, pieces, strict=False)])
    lock, started = threading.Lock(), time.monotonic() + 0.2

    def caller(_number: int) -> None:
        while True:
            with lock:
                mine = next(turn, None)
            if mine is None:
                break
            intended = started + mine[0]
            time.sleep(max(0.0, intended - time.monotonic()))
            work(mine[1], intended)

    _together(caller, callers)


def _note(measured: Measured, status: int, answer: bytes, seconds: float) -> None:
    if status in (200, 201):
        measured.latencies.append(seconds)
        measured.answers.append(answer)
    else:
        measured.failures.append(status)


def _instants(rate: float, seconds: float) -> Iterator[float]:
    chance, at = random.Random(1), 0.0
    while (at := at + chance.expovariate(rate)) < seconds:
        yield at


def _together(work: Any, number: int) -> None:
    with ThreadPoolExecutor(number) as pool:
        for _done in pool.map(work, range(number)):
            pass
