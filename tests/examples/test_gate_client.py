"""The example gate against the real server, and against everything that can go wrong on the way."""

import errno
import ipaddress
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db import connections
from pytest_django.live_server_helper import LiveServer

from examples.gate_client import Gate, Journal, tls_of
from lanes.models import Arrival, Passage
from lanes.services import assign
from tests.cast import PORT, Cast, make_cast

PROGRAM = Path(settings.BASE_DIR) / "examples" / "gate_client.py"


@pytest.fixture
def cast(transactional_db: None) -> Iterator[Cast]:
    """The cast, and somebody who decides as a worker does at a nudge."""
    made, over = make_cast(), threading.Event()

    def decide() -> None:
        while not over.wait(0.02):
            assign.assign_waiting(port_code=PORT, limit=64, lease_ms=400)
        connections.close_all()

    deciding = threading.Thread(target=decide)
    deciding.start()
    yield made
    over.set()
    deciding.join()
    connections.close_all()


def gate(server: str, cast_key: str, journal: Path, patience_s: float = 5.0) -> Gate:
    return Gate(server=server, key=cast_key, journal=journal, patience_s=patience_s)


@pytest.mark.django_db(transaction=True)
class TestAtTheRealServer:
    def test_a_trusted_truck_takes_the_fast_lane_and_passes(
        self, cast: Cast, live_server: LiveServer, tmp_path: Path
    ) -> None:
        client = gate(live_server.url, cast.key, tmp_path / "journal")
        decision = client.ask(cast.arrival())
        assert (decision.route, decision.why, decision.failed) == ("fast", ("trusted",), False)
        assert decision.arrival
        assert client.passed(decision.arrival, "lane", lane=decision.lane)
        assert Passage.objects.get().lane.code == decision.lane  # type: ignore[union-attr]
        assert client.journal.waiting() == []

    def test_an_unknown_truck_is_inspected_with_its_reasons(
        self, cast: Cast, live_server: LiveServer, tmp_path: Path
    ) -> None:
        client = gate(live_server.url, cast.key, tmp_path / "journal")
        decision = client.ask(cast.arrival(qr=None, tag_epc=None))
        assert (decision.route, decision.failed) == ("inspection", False)
        assert "trusted" not in decision.why

    def test_what_an_outage_kept_back_is_replayed_once(
        self, cast: Cast, live_server: LiveServer, tmp_path: Path
    ) -> None:
        body = cast.arrival()
        down = gate(f"http://127.0.0.1:{_closed_port()}", cast.key, tmp_path / "journal")
        decision = down.ask(body)
        assert (decision.route, decision.failed) == ("inspection", True)
        assert not Arrival.objects.exists()
        down.journal.close()
        up = gate(live_server.url, cast.key, tmp_path / "journal")
        assert up.replay() == 0
        assert Arrival.objects.get().event_id == body["event_id"]
        up.journal.close()
        again = gate(live_server.url, cast.key, tmp_path / "journal")
        assert again.journal.waiting() == []

    def test_a_wrong_key_inspects_and_forgets_nothing(
        self, cast: Cast, live_server: LiveServer, tmp_path: Path
    ) -> None:
        client = gate(live_server.url, "tt_wrong_wrong", tmp_path / "journal")
        assert client.ask(cast.arrival()).why == ("gate_heard_401",)
        assert len(client.journal.waiting()) == 1

    def test_a_body_that_is_refused_is_not_sent_for_ever(
        self, cast: Cast, live_server: LiveServer, tmp_path: Path
    ) -> None:
        client = gate(live_server.url, cast.key, tmp_path / "journal")
        decision = client.ask(cast.arrival(port="99"))
        assert (decision.route, decision.why) == ("inspection", ("gate_heard_400",))
        assert client.journal.waiting() == []

    def test_the_same_event_with_another_body_is_inspected(
        self, cast: Cast, live_server: LiveServer, tmp_path: Path
    ) -> None:
        client, body = gate(live_server.url, cast.key, tmp_path / "journal"), cast.arrival()
        assert client.ask(body).route == "fast"
        changed = body | {"gross_weight_kg": 30_000}
        assert client.ask(changed).why == ("gate_heard_409",)

    def test_as_a_program(self, cast: Cast, live_server: LiveServer, tmp_path: Path) -> None:
        lines = [json.dumps(cast.arrival()), "no json at all"]
        done = subprocess.run(
            [sys.executable, PROGRAM, "--server", live_server.url, "--journal", tmp_path / "j"],
            input="\n".join(lines),
            env={"TRUSTEDTRUCK_KEY": cast.key},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        first, second = [json.loads(line) for line in done.stdout.splitlines()]
        assert (done.returncode, first["route"]) == (0, "fast"), done.stderr
        assert (second["route"], second["failed"]) == ("inspection", True)


Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def liar() -> Iterator[Callable[[Answer], str]]:
    """A server that answers as the test says."""
    servers = []

    def start(answer: Answer, tls: ssl.SSLContext | None = None) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                answer(self)

            def log_message(self, *_args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def _say(body: bytes, status: int = 200) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


GOOD = {
    "event_id": "e-1",
    "id": "x",
    "state": "assigned",
    "route": "fast",
    "lane": {"code": "01", "name": "FAST 1"},
    "reasons": [{"code": "trusted", "text": "."}],
}


def test_the_answer_that_the_lies_are_made_of_is_fast(liar: Any, tmp_path: Path) -> None:
    client = gate(liar(_say(json.dumps(GOOD).encode())), "k", tmp_path / "j")
    assert client.ask({"event_id": "e-1"}).route == "fast"


def _certified(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate that stands for itself and for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{name}.crt", folder / f"{name}.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


def test_where_the_port_asks_for_a_certificate_the_gate_shows_its_own(
    liar: Any, tmp_path: Path
) -> None:
    (server, server_key), (own, own_key) = (_certified(tmp_path, n) for n in ("server", "gate-1"))
    asks = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=own)
    asks.verify_mode = ssl.CERT_REQUIRED
    asks.load_cert_chain(server, server_key)
    url = liar(_say(json.dumps(GOOD).encode()), asks)
    for number, (tls, route) in enumerate([
        (tls_of(own, own_key, server), "fast"),
        (tls_of(None, None, server), "inspection"),  # it shows none
        (tls_of(own, own_key, None), "inspection"),  # it does not know the server
        (tls_of(*_certified(tmp_path, "stranger"), server), "inspection"),
    ]):  # fmt: skip
        client = Gate(server=url, key="k", journal=tmp_path / f"j{number}", tls=tls)
        assert client.ask({"event_id": "e-1"}).route == route
        assert len(client.journal.waiting()) == (route != "fast")
        client.journal.close()


def test_a_certificate_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, PROGRAM, "--certificate", tmp_path / "none.crt"],
        env={"TRUSTEDTRUCK_KEY": "k"}, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "the certificate cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "waiting"},
        {"route": "FAST"},
        {"route": ["fast"]},
        {"route": None},
        {"event_id": "e-2"},
        {"event_id": None},
    ],
)
def test_an_answer_with_a_doubt_is_inspection(
    liar: Any, tmp_path: Path, changes: dict[str, Any]
) -> None:
    client = gate(liar(_say(json.dumps(GOOD | changes).encode())), "k", tmp_path / "j")
    decision = client.ask({"event_id": "e-1"})
    assert (decision.route, decision.failed) == ("inspection", True)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 200),
        (b"<html>", 200),
        (b"[]", 200),
        (b'{"route":"fast"', 200),
        (b"\xff\xfe", 200),
        (json.dumps(GOOD).encode(), 202),
        (json.dumps(GOOD).encode(), 500),
        (json.dumps(GOOD).encode(), 503),
        (b"", 502),
    ],
)
def test_whatever_else_is_heard_is_inspection(
    liar: Any, tmp_path: Path, body: bytes, status: int
) -> None:
    client = gate(liar(_say(body, status)), "k", tmp_path / "j")
    assert client.ask({"event_id": "e-1"}).route == "inspection"


def _drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        for byte in json.dumps(GOOD).encode():
            handler.wfile.write(bytes([byte]))
            time.sleep(0.2)
    except OSError:
        pass


def _drip_headers(handler: BaseHTTPRequestHandler) -> None:
    try:
        for byte in b"HTTP/1.0 200 OK\r\nX-Slow: " + b"x" * 60:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.2)
    except OSError:
        pass


def _hang(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(5)


@pytest.mark.parametrize("fault", [_drip, _drip_headers, _hang])
def test_a_slow_server_holds_no_truck(liar: Any, tmp_path: Path, fault: Answer) -> None:
    client = gate(liar(fault), "k", tmp_path / "j", patience_s=0.5)
    began = time.monotonic()
    decision = client.ask({"event_id": "e-1"})
    assert (decision.route, decision.failed) == ("inspection", True)
    # Far from the eleven seconds of the drip, and with room for a busy machine.
    assert time.monotonic() - began < 4
    assert len(client.journal.waiting()) == 1


def test_a_full_disk_holds_no_truck(
    liar: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = gate(liar(_say(json.dumps(GOOD).encode())), "k", tmp_path / "j")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert client.ask({"event_id": "e-1"}).why == ("gate_journal_failed",)


def test_a_line_cut_by_a_power_failure_is_skipped(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.sent("e-1", "/p", {"a": 1})
    journal.sent("e-2", "/p", {"a": 2})
    journal.close()
    with (tmp_path / "j").open("r+") as file:
        file.truncate((tmp_path / "j").stat().st_size - 9)
    assert [line["event_id"] for line in Journal(tmp_path / "j").waiting()] == ["e-1"]


def test_a_line_cut_by_a_full_disk_takes_no_other_with_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    with (tmp_path / "j").open("a") as file:
        file.write('{"kind": "sent", "event_id": "e-')
    journal.sent("e-2", "/p", {"a": 2})
    journal.close()
    assert [line["event_id"] for line in Journal(tmp_path / "j").waiting()] == ["e-2"]


def test_a_journal_has_one_master_and_does_not_grow(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.sent("e-1", "/p", {})
    journal.done("e-1", "taken")
    with pytest.raises(SystemExit, match="in use"):
        Journal(tmp_path / "j")
    journal.close()
    Journal(tmp_path / "j").close()
    assert (tmp_path / "j").read_text() == ""


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
