"""The measurement itself: what it counts, and what it says on the page."""

import http.server
import json
import socket
import threading
from collections.abc import Iterator

import pytest
from defusedxml import ElementTree

from lanes.benchmarks import charts, load
from trustedtruck.core import bench_page
from trustedtruck.core.bench import Result


class Door(http.server.BaseHTTPRequestHandler):
    """Answers 201, and 409 to an event id that it has seen."""

    protocol_version = "HTTP/1.1"
    seen: set[str] = set()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = 409 if body["event_id"] in self.seen or body.get("wrong") else 201
        self.seen.add(body["event_id"])
        answer = b'{"route": "fast"}'
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def door() -> Iterator[load.Target]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield load.Target(server.server_port, "/arrivals/")
    server.shutdown()
    thread.join()
    server.server_close()


def test_each_request_is_an_event_of_its_own_and_every_answer_counts(door: load.Target) -> None:
    found = load.closed(door, [{"port": "2304"}], clients=2, seconds=0.3)
    assert found.answers
    assert len(found.answers) == len(found.latencies)
    assert not found.failures
    assert found.latencies == sorted(found.latencies)


def test_a_refusal_is_no_answer(door: load.Target) -> None:
    found = load.closed(door, [{"wrong": True}], clients=1, seconds=0.2)
    assert set(found.failures) == {409}
    assert not found.latencies
    assert found.percentile(50) == float("inf")


def test_a_rate_sends_what_it_says_however_long_answers_take(door: load.Target) -> None:
    found = load.open_(door, [{"port": "2304"}], rate=50, seconds=1)
    assert 25 < len(found.answers) < 80


def test_an_answer_that_breaks_off_ends_the_measurement() -> None:
    """It would wait for the rest of it for ever."""
    listening = socket.create_server(("127.0.0.1", 0))

    def half_an_answer() -> None:
        for _attempt in range(2):
            client, _address = listening.accept()
            with client:
                client.recv(65_536)
                client.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 17\r\n\r\n{")

    server = threading.Thread(target=half_an_answer)
    server.start()
    connection = load.Connection(load.Target(listening.getsockname()[1], "/arrivals/"))
    with pytest.raises(ConnectionError, match="closed the connection twice"):
        connection.exchange(b"POST /arrivals/ HTTP/1.1\r\n\r\n")
    server.join()
    listening.close()


def test_the_page_says_what_was_met_and_what_was_not() -> None:
    text = bench_page.table(
        [
            Result("a", 5.0, "times", 4.0, spread=(4.5, 5.5)),
            Result("b", 3.0, "times", 2.0, at_least=False),
        ]
    )
    assert "| a | 5 | times | 4.5 to 5.5 | at least 4: met |" in text
    assert "| b | 3 | times | 3 to 3 | at most 2: **missed** |" in text


def test_a_chart_is_a_picture_with_a_title() -> None:
    drawn = charts.bars("Answers <full>", "per second", {"ours": [1.0, 2.0]}, ["1", "8"])
    picture = ElementTree.fromstring(drawn)
    title = picture.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == "Answers <full>"
