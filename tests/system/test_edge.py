"""A port as its own installation: cut off under load, stale, lied to, healed; headquarters counts.

As root on Linux headquarters has a network of its own, and the one cable to it is pulled; elsewhere
the line is a relay that goes silent. `EDGE_CUT_S=600` cuts it for ten minutes.
"""

import json
import os
import random
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.system.cable import Cable, possible
from tests.system.installation import Installation, fresh, manage, shell
from tests.system.line import Line

pytestmark = [pytest.mark.campaign, pytest.mark.slow, pytest.mark.timeout(2400)]
CUT_S = float(os.environ.get("EDGE_CUT_S", "15"))


class Edge(Installation):
    """`manage.py run` for the World Trade Bridge, with headquarters' keys and a line to it."""

    def __init__(self, home: Path, headquarters: Installation, line: Line, key: str) -> None:
        jwks = home.with_suffix(".jwks")
        with urllib.request.urlopen(f"{line.base_url}/.well-known/jwks.json") as answer:
            jwks.write_bytes(answer.read())
        super().__init__(
            home,
            EDGE_HEADQUARTERS=line.base_url,
            EDGE_KEY=key,
            EDGE_PORT="2304",
            EDGE_JWKS=str(jwks),
            EDGE_EVERY_S="1",
        )
        self.headquarters = headquarters

    def start(self, *arguments: str, within: float = 180) -> None:
        # The trucks and the gates' keys are those of headquarters' demonstration.
        self.home.mkdir(parents=True)
        (self.home / "demo.json").write_text(json.dumps(self.headquarters.demo))
        super().start("--no-demo", *arguments, within=within)

    def standing(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            manage(self, "edge", "status", "--json").splitlines()[-1]
        )
        return found


def until(done: Callable[[], bool], within: float) -> None:
    ends = time.monotonic() + within
    while not done():
        assert time.monotonic() < ends, f"not within {within} s"
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
_REVOKE = """
from django.utils import timezone
from trustedtruck.audit.actors import system
from trustedtruck.credentials import services
from trustedtruck.credentials.models import Credential
row = Credential.objects.get(tag_epc="{tag}", state="active")
services.revoke(credential=row, by=system("test"), at=timezone.now(), reason="stolen")
"""
_AGE = """
from django.db import connection
connection.cursor().execute("UPDATE lanes_heldbundle SET made_at = now() - interval '11 min',"
    " expires_at = now() - interval '1 s'")
"""
_KNOWN = """
import json
from pathlib import Path
from lanes.models import Assignment
events = json.loads(Path("{events}").read_text())
print(json.dumps(list(Assignment.objects.filter(port_id="2304", arrival__event_id__in=events)
    .values_list("arrival__event_id", "route"))))
"""


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    made = Line(Cable() if possible() else None)
    yield made
    made.close()


@pytest.fixture(scope="module")
def headquarters(line: Line, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    home = tmp_path_factory.mktemp("headquarters") / "home"
    running = Installation(home, BASE_URL=line.base_url, ALLOWED_HOSTS=f"127.0.0.1,{line.host}")
    line.target = running.port
    with line.far_end():
        running.start(within=420)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def edge(
    headquarters: Installation, line: Line, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Edge]:
    with line.far_end():
        key = shell(headquarters, _MAKE_KEY).splitlines()[-1]
    running = Edge(tmp_path_factory.mktemp("edge") / "home", headquarters, line, key)
    running.start(within=420)
    try:
        until(lambda: running.standing()["seq"] is not None, 120)
        yield running
    finally:
        running.stop()


def drive(edge: Edge, seconds: float) -> list[dict[str, Any]]:
    """Trucks for so long from two gates, each sent twice as after a lost answer."""
    samples = edge.demo["samples"]
    trucks = [*samples["fast_arrivals"], *samples["inspection_arrivals"]]
    random.Random(1).shuffle(trucks)
    answers: list[dict[str, Any]] = []
    ends = time.monotonic() + seconds

    def one(gate: int) -> None:
        n = gate
        while time.monotonic() < ends:
            body = fresh(trucks[n % len(trucks)])
            first, again = edge.arrive(body), edge.arrive(body)
            assert (first["id"], first["route"]) == (again["id"], again["route"])
            answers.append(first | {"event_id": body["event_id"]})
            n += 2
            time.sleep(0.2)

    gates = [threading.Thread(target=one, args=[n]) for n in range(2)]
    for gate in gates:
        gate.start()
    for gate in gates:
        gate.join()
    return answers


def known_at(headquarters: Installation, line: Line, events: list[str]) -> Counter[tuple[str, str]]:
    """Event and route of every decided arrival among these."""
    asked = headquarters.home.with_suffix(".events")
    asked.write_text(json.dumps(events))
    with line.far_end():
        said = shell(headquarters, _KNOWN.format(events=asked))
    return Counter((event, route) for event, route in json.loads(said.splitlines()[-1]))


def reasons(answer: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in answer["reasons"]]


def test_cut_off_it_decides_on_and_no_arrival_is_lost_or_doubled(
    headquarters: Installation, edge: Edge, line: Line
) -> None:
    line.cut()
    answers = drive(edge, CUT_S)
    routes = Counter(answer["route"] for answer in answers)
    events = {answer["event_id"]: answer["route"] for answer in answers}
    held = edge.standing()
    stale = [answer for answer in answers if "bundle_stale" in reasons(answer)]
    sys.stdout.write(
        f"{'cable pulled' if line.cable else 'line silent'} for {CUT_S:.0f} s:"
        f" {len(events)} trucks, {dict(routes)} ({len(stale)} with a stale bundle),"
        f" journal {held['journal']},"
        f" slowest answer {max(a['seconds'] for a in answers):.2f} s\n"
    )
    assert set(routes) == {"fast", "inspection"}, answers[-1]
    assert held["journal"] >= len(events)
    # What was looked at before the bundle's end may be committed after it, within the deadline.
    ended = datetime.fromisoformat(held["expires_at"]) + timedelta(seconds=1.5)
    fast = [datetime.fromisoformat(a["decided_at"]) for a in answers if a["route"] == "fast"]
    assert max(fast) < ended
    assert not known_at(headquarters, line, list(events))

    line.mend()
    began = time.monotonic()
    until(lambda: edge.standing()["journal"] == 0, 180 + CUT_S)
    sys.stdout.write(f"the journal was taken within {time.monotonic() - began:.0f} s\n")
    assert known_at(headquarters, line, list(events)) == Counter(events.items())
    assert edge.standing()["refused"] == 0


def test_a_revocation_at_headquarters_reaches_the_port(
    headquarters: Installation, edge: Edge, line: Line
) -> None:
    body = edge.demo["samples"]["fast_arrivals"][60]
    with line.far_end():
        shell(headquarters, _REVOKE.format(tag=body["tag_epc"]))
    until(lambda: "truck_credential_invalid" in reasons(edge.arrive(fresh(body))), 60)


@pytest.mark.parametrize(("lie", "code"), [
    ("old", "bundle_rolled_back"),
    ("forged", "signature_invalid"),
])  # fmt: skip
def test_a_bundle_that_is_no_new_word_of_headquarters_is_refused(
    edge: Edge, line: Line, lie: str, code: str
) -> None:
    log = edge.home / "logs" / "edge.log"
    before, held = log.stat().st_size, edge.standing()
    line.mode = lie
    until(lambda: code in log.read_bytes()[before:].decode(), 60)
    assert edge.standing()["seq"] == held["seq"]
    line.mode = "plain"


def test_with_a_stale_bundle_everybody_is_inspected(edge: Edge, line: Line) -> None:
    line.cut()
    time.sleep(12)  # a round that was under way has given up
    shell(edge, _AGE)
    assert edge.standing()["stale"]
    for body in edge.demo["samples"]["fast_arrivals"][40:43]:
        answer = edge.arrive(fresh(body))
        assert (answer["route"], "bundle_stale" in reasons(answer)) == ("inspection", True)
    line.mend()
    until(lambda: not edge.standing()["stale"], 60)
