"""The main job on a whole installation: started with one command, driven through HTTP, broken."""

import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import takewhile
from typing import Any

import pytest

from tests.running import Running
from tests.system.installation import Installation
from trustedtruck.core.ids import uuid7

pytestmark = pytest.mark.installation
DEADLINE = 1.5
SLACK = 0.5


@pytest.fixture(scope="module")
def installation(
    first_run: Running, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    home = shutil.copytree(first_run.home, tmp_path_factory.mktemp("installation") / "home")
    running = Installation(home)
    running.start()
    try:
        yield running
    finally:
        running.stop()


def fresh(body: dict[str, Any]) -> dict[str, Any]:
    return body | {"event_id": str(uuid7())}


def fast_again(installation: Installation, within: float = 30) -> float:
    """Seconds until a trusted truck is fast again."""
    began = time.monotonic()
    while time.monotonic() - began < within:
        answer = installation.arrive(fresh(installation.demo["samples"]["fast_arrival"]))
        if answer.get("route") == "fast":
            return time.monotonic() - began
        time.sleep(0.2)
    raise AssertionError(f"no truck is fast {within} s after the fault: {answer}")


def assert_all_inspected_in_time(installation: Installation, count: int = 12) -> None:
    bodies = [fresh(b) for b in installation.demo["samples"]["fast_arrivals"][:count]]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(installation.arrive, bodies))
    assert {a["route"] for a in answers} == {"inspection"}
    assert max(a["seconds"] for a in answers) < DEADLINE + SLACK


def test_the_samples_come_back_as_they_say(installation: Installation) -> None:
    samples = installation.demo["samples"]
    fast = installation.arrive(samples["fast_arrival"])
    assert fast["route"] == "fast", fast
    assert installation.arrive(samples["inspection_arrival"])["route"] == "inspection"
    assert len({b["tag_epc"] for b in samples["fast_arrivals"]}) >= 100
    assert len({b["tag_epc"] for b in samples["inspection_arrivals"]}) >= 20


def test_every_sample_of_the_lists_works_as_it_stands(installation: Installation) -> None:
    samples = installation.demo["samples"]
    with ThreadPoolExecutor(4) as pool:
        fast = Counter(a["route"] for a in pool.map(installation.arrive, samples["fast_arrivals"]))
        rest = Counter(
            a["route"] for a in pool.map(installation.arrive, samples["inspection_arrivals"])
        )
    assert fast == {"fast": len(samples["fast_arrivals"])}
    assert rest == {"inspection": len(samples["inspection_arrivals"])}


def test_a_thousand_arrivals_sent_twice_by_eight_clients_give_a_thousand_assignments(
    installation: Installation,
) -> None:
    samples = installation.demo["samples"]
    trucks = samples["fast_arrivals"] + samples["inspection_arrivals"]
    bodies = [fresh(trucks[n % len(trucks)]) for n in range(1000)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(installation.arrive, [b for body in bodies for b in (body, body)]))
    assert {a["status"] for a in answers} <= {200, 201}
    by_event: dict[str, set[tuple[str, str, str]]] = {}
    for a in answers:
        said = (a["id"], a["route"], a["lane"]["code"])
        by_event.setdefault(a["event_id"], set()).add(said)
    assert len(by_event) == 1000
    assert all(len(said) == 1 for said in by_event.values())
    assert len({a["id"] for a in answers}) == 1000


def test_with_the_workers_stopped_every_truck_is_inspected_in_time(
    installation: Installation,
) -> None:
    with installation.frozen(installation.pids("worker")):
        assert_all_inspected_in_time(installation)
    fast_again(installation)


def test_with_the_broker_frozen_every_truck_is_inspected_in_time(
    installation: Installation,
) -> None:
    with installation.frozen(installation.server_pids("valkey")):
        time.sleep(1)  # nudges that a worker holds already may still make trucks fast
        assert_all_inspected_in_time(installation)
    fast_again(installation)


def test_with_the_broker_killed_every_truck_is_answered_in_time(
    installation: Installation,
) -> None:
    for pid in installation.server_pids("valkey"):
        os.kill(pid, signal.SIGKILL)
    bodies = [fresh(b) for b in installation.demo["samples"]["fast_arrivals"][:12]]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(installation.arrive, bodies))
    assert max(a["seconds"] for a in answers) < DEADLINE + SLACK
    assert {a["route"] for a in answers} <= {"fast", "inspection"}
    fast_again(installation)


def test_killed_workers_come_back_without_a_restart(installation: Installation) -> None:
    for pid in installation.pids("worker"):
        os.kill(pid, signal.SIGKILL)
    fast_again(installation)


def test_a_caller_that_sends_far_too_much_still_reads_its_refusal(
    installation: Installation,
) -> None:
    body = {"event_id": "x" * 5_000_000}
    assert installation.arrive(body)["code"] == "too_large"
    installation.demo["devices"]["stranger"] = {"key": "tt_000000000000_" + "a" * 43}
    assert installation.arrive(body, device="stranger")["code"] == "key_refused"


def test_the_contracts_addresses_answer(installation: Installation) -> None:
    expected = {
        "/healthz": 200,
        "/readyz": 200,
        "/metrics": 200,
        "/api/schema/": 200,
        "/api/docs/": 200,
        "/": 200,
    }
    assert {path: installation.status(path) for path in expected} == expected


def test_the_demonstrations_traffic_moves_the_lanes_and_leaves_the_samples_at_home(
    installation: Installation,
) -> None:
    samples = installation.demo["samples"]
    at_home = {
        body["plate"]["number"]
        for body in samples["fast_arrivals"] + samples["inspection_arrivals"]
    }
    with installation.events() as events, installation.command("traffic", "--every", "0.3"):
        came = list(takewhile(lambda event: event["action"] != "arrival.passed", events))
    plates = {event["arrival"]["plate"] for event in came if event["arrival"]}
    assert plates
    assert not {plate for plate in plates for number in at_home if number in plate}
