"""`manage.py bench console`: what open boards cost and how soon they know; what the audit costs.

Needs the running demonstration (`make run`), whose API it uses as gates and boards would.
"""

import http.client
import json
import selectors
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.utils import timezone

from lanes.demonstration.samples import all_arrivals
from lanes.services import assign
from lanes.services.receive import Report, receive
from trustedtruck.accounts.models import Device
from trustedtruck.console.benchmarks import search
from trustedtruck.core.bench import Result
from trustedtruck.core.fields import instant
from trustedtruck.core.ids import uuid7

BOARDS, RATE, SECONDS, GATES, TURNS = 30, 50, 6, 12, 3
SOON_MS, AUDIT_SHARE, SLOWER = 250.0, 0.15, 1.25
ROUNDS = 150


@dataclass
class _Boards:
    """So many boards, read by one thread; `delays` are seconds from commit to message.

    While the gates are measured beside it, the thread only notes what came when: the reading of
    messages must not cost the gates of this same process their time.
    """

    host: str
    path: str
    key: str
    count: int
    delays: list[float] = field(default_factory=list)
    _came: list[tuple[Any, float, bytes]] = field(default_factory=list)
    _reading: threading.Event = field(default_factory=threading.Event)
    _sockets: list[socket.socket] = field(default_factory=list)
    _thread: threading.Thread | None = None

    def __enter__(self) -> "_Boards":
        name, _colon, port = self.host.partition(":")
        for _ in range(self.count):
            one = socket.create_connection((name, int(port or 80)), timeout=10)
            head = f"GET {self.path} HTTP/1.1\r\nHost: {self.host}\r\n"
            one.sendall(f"{head}Authorization: Bearer {self.key}\r\n\r\n".encode())
            self._sockets.append(one)
        self._reading.set()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._reading.clear()
        if self._thread:
            self._thread.join()
        for one in self._sockets:
            one.close()
        rests = dict.fromkeys(self._sockets, b"")
        for board, at, received in self._came:
            *whole, rests[board] = (rests[board] + received).split(b"\n\n")
            self.delays += [at - decided for decided in _decided(whole)]

    def _read(self) -> None:
        selector = selectors.DefaultSelector()
        for board in self._sockets:
            selector.register(board, selectors.EVENT_READ)
        while self._reading.is_set():
            for ready, _events in selector.select(0.2):
                one: Any = ready.fileobj
                received = one.recv(262_144)
                now = time.time()
                if not received:
                    selector.unregister(one)
                self._came.append((one, now, received))


def _decided(messages: list[bytes]) -> Iterator[float]:
    """The instants at which the arrivals of these messages were decided."""
    for message in messages:
        if b"event: arrival.assigned" in message:
            data = message.partition(b"data: ")[2].partition(b"\n")[0]
            yield datetime.fromisoformat(json.loads(data)["arrival"]["decided_at"]).timestamp()


class _Gates:
    """Reports trucks at a rate; `answers` are seconds from report to answer."""

    def __init__(self, host: str, key: str, bodies: list[dict[str, Any]]) -> None:
        self.host, self.key, self.bodies = host, key, bodies
        self.answers: list[float] = []
        self._own = threading.local()

    def drive(self, *, seconds: float) -> list[float]:
        self.answers = []
        started = time.monotonic()
        with ThreadPoolExecutor(GATES) as pool:
            for n in range(int(RATE * seconds)):
                delay = started + n / RATE - time.monotonic()
                if delay > 0:
                    time.sleep(delay)
                pool.submit(self._report, self.bodies[n % len(self.bodies)])
        return self.answers

    def _report(self, body: dict[str, Any]) -> None:
        body = body | {"event_id": str(uuid7()), "observed_at": instant(timezone.now())}
        gate = getattr(self._own, "gate", None)
        if gate is None:
            gate = self._own.gate = http.client.HTTPConnection(self.host, timeout=10)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        began = time.monotonic()
        gate.request("POST", "/api/v1/arrivals/", json.dumps(body), headers)
        answer = gate.getresponse()
        answer.read()
        if answer.status == 201:
            self.answers.append(time.monotonic() - began)


def measure() -> list[Result]:
    """Boards and API over HTTP first, then the share of the audit in one assignment."""
    try:
        demo = json.loads((settings.HOME / "demo.json").read_text())
    except OSError as error:
        raise CommandError(f"bench console needs the demonstration: {error}") from None
    host = urlsplit(demo["base_url"]).netloc
    gate = demo["devices"]["gate-1"]
    gates = _Gates(host, gate["key"], demo["samples"]["fast_arrivals"])
    gates.drive(seconds=2)
    alone, beside, delays, expected = [], [], [], 0
    for _ in range(TURNS):
        alone.append(gates.drive(seconds=SECONDS))
        with _Boards(host, f"/api/v1/ports/{gate['port']}/events/", gate["key"], BOARDS) as boards:
            time.sleep(1)
            beside.append(gates.drive(seconds=SECONDS))
            time.sleep(1)
        delays += boards.delays
        expected += BOARDS * len(beside[-1])
    return [
        Result("arrival on an open board, p95", _p95(delays) * 1000, "ms", SOON_MS, False),
        Result("arrival on an open board, median", _median(delays) * 1000, "ms"),
        Result("messages told of those expected", len(delays) / max(expected, 1), "share", 1.0),
        Result("answer to a gate without boards, median", _best(alone) * 1000, "ms"),
        Result(f"answer to a gate beside {BOARDS} boards, median", _best(beside) * 1000, "ms"),
        Result(
            "median answer beside boards / without",
            _best(beside) / _best(alone),
            "times",
            SLOWER,
            False,
        ),
        *_audit(),
    ]


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else float("inf")


def _best(turns: list[list[float]]) -> float:
    """The median of the turn that nothing else on the machine disturbed."""
    return min(_median(turn) for turn in turns)


def _median(values: list[float]) -> float:
    return statistics.median(values) if values else float("inf")


_EVENTS = """
INSERT INTO audit_event (action, actor_kind, actor_id, actor_label, subject_kind, subject_id,
                         port_code, request_id, data)
VALUES ('arrival.received', 'device', '1', 'bench', 'arrival', %(id)s, %(port)s, '',
        '{"event_id": "0"}'),
       ('arrival.assigned', 'system', 'worker', 'worker', 'arrival', %(id)s, %(port)s, '',
        '{"route": "fast", "lane": 1, "reasons": ["trusted"]}')
"""


def _audit() -> list[Result]:
    """The time of an assignment's two events, as a share of receiving and deciding one truck.

    Both in this process, one truck after the other; the events in a transaction that is undone. At
    the last port, where no trucks of the boards' measurement wait to be counted.
    """
    device = Device.objects.filter(revoked_at__isnull=True).order_by("-port_code", "pk")[0]
    bodies = [body for _truck, body in all_arrivals(observed_at=timezone.now())[:ROUNDS]]
    whole, events = [], []
    for body in bodies:
        report = Report(
            event_id=str(uuid7()),
            port=device.port_code,
            observed_at=timezone.now(),
            direction="northbound",
            tag_epc=body["tag_epc"],
            qr=body.get("qr", ""),
            plate_number=body["plate"]["number"],
            plate_jurisdiction=body["plate"]["jurisdiction"],
        )
        began = time.perf_counter()
        receive(report=report, device=device, arrival_id=uuid7())
        assign.assign_waiting(port_code=device.port_code, limit=1, lease_ms=400)
        whole.append(time.perf_counter() - began)
    with transaction.atomic(), connection.cursor() as cursor:
        for _ in range(ROUNDS):
            values = {"id": str(uuid7()), "port": device.port_code}
            began = time.perf_counter()
            cursor.execute(_EVENTS, values)
            events.append(time.perf_counter() - began)
        transaction.set_rollback(True)
    share = _median(events) / _median(whole)
    return [
        Result("one assignment, from report to lane", _median(whole) * 1000, "ms"),
        Result("its two events of the audit", _median(events) * 1000, "ms"),
        Result("audit in an assignment's time", share, "share", AUDIT_SHARE, False),
    ]


PARTS = {"search": search.measure}
