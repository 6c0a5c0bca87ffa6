"""A port as its own installation: cut off under load, stale, healed; headquarters counts."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.system.installation import PROJECT, Installation
from trustedtruck.core.ids import uuid7

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
# How long the line stays cut under load; EDGE_CUT_S=600 makes the long one of it.
CUT_S = float(os.environ.get("EDGE_CUT_S", "20"))


class Edge(Installation):
    """`manage.py run` for the World Trade Bridge, with headquarters' bundle and its gates' keys."""

    def __init__(self, home: Path, headquarters: Installation, key: str) -> None:
        jwks = home.with_suffix(".jwks")
        with urllib.request.urlopen(headquarters.base_url + "/.well-known/jwks.json") as answer:
            jwks.write_bytes(answer.read())
        super().__init__(
            home,
            EDGE_HEADQUARTERS=headquarters.base_url,
            EDGE_KEY=key,
            EDGE_PORT="2304",
            EDGE_JWKS=str(jwks),
            EDGE_EVERY_S="1",
            BASE_URL="",
        )
        self.headquarters = headquarters

    def start(self, within: float = 120) -> None:
        log = self.home.with_suffix(".log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "run", "--no-demo"],
            cwd=PROJECT,
            env=self.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        log.close()
        self.demo = self.headquarters.demo
        until(lambda: self.status("/readyz") == 200, within, self.home.with_suffix(".log"))

    def standing(self) -> dict[str, Any]:
        done = self.manage("edge", "status", "--json")
        found: dict[str, Any] = json.loads(done.strip().splitlines()[-1])
        return found

    def manage(self, *arguments: str) -> str:
        return manage(self, *arguments)


def manage(installation: Installation, *arguments: str) -> str:
    """What a command prints, run as an operator does in another terminal."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env=installation.environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    ).stdout


def sql(installation: Installation, query: str) -> str:
    return manage(
        installation,
        "shell",
        "-v0",
        "-c",
        "from django.db import connection as c; k = c.cursor();"
        f"k.execute({query!r}); print(k.fetchall() if k.description else '')",
    ).strip()


def until(done: Callable[[], bool], within: float, log: Path | None = None) -> None:
    ends = time.monotonic() + within
    while not done():
        if time.monotonic() > ends:
            raise AssertionError(log.read_text() if log else f"not within {within} s")
        time.sleep(0.3)


_MAKE_KEY = """
from django.utils import timezone
from trustedtruck.accounts import services
from trustedtruck.accounts.roles import Scope
from trustedtruck.audit.actors import system
device = services.register_device(port_code="2304", code="edge", name="Edge", by=system("test"))
print(services.issue_key(
    scopes=[Scope.EDGE_RUN], by=system("test"), at=timezone.now(), device=device))
"""


@pytest.fixture(scope="module")
def headquarters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    running = Installation(tmp_path_factory.mktemp("headquarters") / "home")
    running.start(within=180)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def edge(headquarters: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    key = manage(headquarters, "shell", "-v0", "-c", _MAKE_KEY).strip().splitlines()[-1]
    running = Edge(tmp_path_factory.mktemp("edge") / "home", headquarters, key)
    running.start(within=180)
    until(lambda: running.standing()["seq"] is not None, 60)
    try:
        yield running
    finally:
        running.stop()


class Line:
    """The line between the two: cut by freezing all of headquarters' web, so that a connection
    is taken and never answered, the way a line dies."""

    def __init__(self, headquarters: Installation) -> None:
        self._headquarters = headquarters
        self._frozen: list[int] = []

    def cut(self) -> None:
        self._frozen = self._headquarters.pids("web")
        assert self._frozen
        for pid in self._frozen:
            os.kill(pid, signal.SIGSTOP)

    def heal(self) -> None:
        for pid in self._frozen:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self._frozen = []


@pytest.fixture
def line(headquarters: Installation) -> Iterator[Line]:
    made = Line(headquarters)
    yield made
    made.heal()


def fresh(body: dict[str, Any]) -> dict[str, Any]:
    return body | {"event_id": str(uuid7())}


def drive(edge: Edge, seconds: float) -> list[dict[str, Any]]:
    """Trucks for so long from two gates, each sent twice as after a lost answer."""
    trucks = [*edge.demo["samples"]["fast_arrivals"], *edge.demo["samples"]["inspection_arrivals"]]
    answers: list[dict[str, Any]] = []
    ends = time.monotonic() + seconds

    def one(gate: int) -> None:
        n = gate
        while time.monotonic() < ends:
            body = fresh(trucks[n % len(trucks)])
            answers.append(edge.arrive(body))
            answers.append(edge.arrive(body))
            n += 2
            time.sleep(0.2)

    gates = [threading.Thread(target=one, args=[n]) for n in range(2)]
    for gate in gates:
        gate.start()
    for gate in gates:
        gate.join()
    return answers


def known_at(installation: Installation) -> Counter[tuple[str, str]]:
    """Event and route of every decided arrival of the port."""
    rows = manage(
        installation,
        "shell",
        "-v0",
        "-c",
        "import json; from lanes.models import Assignment as A; print(json.dumps(list("
        "A.objects.filter(port_id='2304').values_list('arrival__event_id', 'route'))))",
    )
    return Counter((event, route) for event, route in json.loads(rows.strip().splitlines()[-1]))


def test_with_the_line_whole_a_truck_is_fast(edge: Edge) -> None:
    answer = edge.arrive(fresh(edge.demo["samples"]["fast_arrival"]))
    assert answer["route"] == "fast", answer
    until(lambda: edge.standing()["journal"] == 0, 30)


def test_cut_off_it_decides_on_and_no_arrival_is_lost_or_doubled(
    headquarters: Installation, edge: Edge, line: Line
) -> None:
    line.cut()
    answers = drive(edge, CUT_S)
    routes = Counter(answer.get("route") for answer in answers)
    assert set(routes) == {"fast", "inspection"}, answers[-1]
    assert routes["fast"] > routes["inspection"]
    assert max(answer["seconds"] for answer in answers) < 2.0
    events = {answer["event_id"]: answer["route"] for answer in answers}
    assert edge.standing()["journal"] >= len(events)
    line.heal()
    until(lambda: edge.standing()["journal"] == 0, 90)
    known = known_at(headquarters)
    assert {event: known[event, route] for event, route in events.items()} == dict.fromkeys(
        events, 1
    )
    assert max(Counter(event for event, _route in known.elements()).values()) == 1
    assert known == known_at(edge)
    assert edge.standing()["refused"] == 0


def test_with_a_stale_bundle_everybody_is_inspected(edge: Edge, line: Line) -> None:
    line.cut()
    time.sleep(12)  # a round that was under way has given up
    sql(
        edge,
        "UPDATE lanes_heldbundle SET made_at = now() - interval '11 min',"
        " expires_at = now() - interval '1 s'",
    )
    time.sleep(1.5)
    assert edge.standing()["stale"]
    for body in edge.demo["samples"]["fast_arrivals"][40:45]:
        answer = edge.arrive(fresh(body))
        assert answer["route"] == "inspection"
        assert "bundle_stale" in [reason["code"] for reason in answer["reasons"]]
    line.heal()
    until(lambda: not edge.standing()["stale"], 60)
    time.sleep(1.5)
    assert edge.arrive(fresh(edge.demo["samples"]["fast_arrivals"][50]))["route"] == "fast"


def test_a_revocation_at_headquarters_reaches_the_port(
    headquarters: Installation, edge: Edge
) -> None:
    body = edge.demo["samples"]["fast_arrivals"][60]
    tag = body["tag_epc"]
    assert edge.arrive(fresh(body))["route"] == "fast"
    manage(
        headquarters,
        "shell",
        "-v0",
        "-c",
        "from django.utils import timezone; from trustedtruck.audit.actors import system;"
        "from trustedtruck.credentials import services;"
        "from trustedtruck.credentials.models import Credential;"
        f"row = Credential.objects.get(tag_epc='{tag}', state='active');"
        "services.revoke(credential=row, by=system('test'), at=timezone.now(), reason='stolen')",
    )
    until(lambda: edge.arrive(fresh(body))["route"] == "inspection", 20)
