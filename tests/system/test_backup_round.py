"""A backup while trucks come, and a fresh place filled from it: what gates were told holds."""

import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from tests.running import PROJECT
from tests.system.installation import Installation, fresh, manage, shell

pytestmark = [pytest.mark.campaign, pytest.mark.slow, pytest.mark.timeout(900)]
GATES, AROUND_S = 4, 5.0

_ROWS = """
import json
from lanes.models import Arrival
print(json.dumps([list(row) for row in Arrival.objects.filter(port_id="2304").values_list(
    "event_id", "id", "assignment__route")], default=str))
"""
_ALARMS = """
from lanes.models import Alarm
print(Alarm.objects.filter(kind="fast_without_decision").count())
"""
_CREDENTIALS = """
import json
from django.utils import timezone
from trustedtruck.credentials.models import Credential
from trustedtruck.credentials.queries.keys import current_keys
from trustedtruck.credentials.verify import verify_any
now, keys = timezone.now(), current_keys()
held = list(Credential.objects.filter(state="active").order_by("pk"))
print(json.dumps({"held": [c.pk for c in held], "good": [
    c.pk for c in held
    if verify_any(c.qr, at=now, keys=keys).ok and verify_any(c.vc_jwt, at=now, keys=keys).ok]}))
"""


class Gates:
    """Some gates that report trucks for the while of a block, and keep every answer."""

    def __init__(self, installation: Installation) -> None:
        self.told: list[dict[str, Any]] = []
        self._installation = installation
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._report, args=[n]) for n in range(GATES)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _report(self, gate: int) -> None:
        samples = self._installation.demo["samples"]
        trucks = [*samples["fast_arrivals"], *samples["inspection_arrivals"]]
        n = gate
        while not self._over.is_set():
            body = fresh(trucks[n % len(trucks)])
            answer = self._installation.arrive(body)
            self.told.append({"body": body, "answer": answer, "at": time.monotonic()})
            assert passed(self._installation, body, answer["id"], answer) in (200, 201)
            n += GATES
            time.sleep(0.1)


def passed(
    installation: Installation, body: dict[str, Any], arrival: str, told: dict[str, Any]
) -> int:
    """The truck went where it was told to; the status of the answer."""
    passage = {
        "event_id": f"{body['event_id']}-lane",
        "point": "lane",
        "lane": told["lane"]["code"],
        "at": body["observed_at"],
    }
    status: int = installation.post(f"/api/v1/arrivals/{arrival}/passages/", passage)["status"]
    return status


@pytest.fixture
def working(tmp_path: Path) -> Iterator[Installation]:
    running = Installation(tmp_path / "working")
    running.start(within=420)
    yield running
    running.stop()


@pytest.fixture
def restored(working: Installation, tmp_path: Path) -> Iterator[Installation]:
    """Not yet started: the test fills its home first. Its address stays, as the issuer's name."""
    running = Installation(tmp_path / "restored", BASE_URL=working.base_url)
    yield running
    running.stop()


def rows(installation: Installation) -> dict[str, tuple[str, str | None]]:
    """Of every event: its arrival and route."""
    found = json.loads(shell(installation, _ROWS).splitlines()[-1])
    assert len(found) == len({event for event, _pk, _route in found}), "an event is stored twice"
    return {event: (pk, route) for event, pk, route in found}


def jwks(installation: Installation) -> Any:
    with urllib.request.urlopen(installation.base_url + "/.well-known/jwks.json") as answer:
        return json.load(answer)


def test_a_backup_under_traffic_holds_whatever_gates_were_told(
    working: Installation, restored: Installation, tmp_path: Path
) -> None:
    identity, backup = tmp_path / "identity.txt", tmp_path / "elsewhere" / "backup.tar.age"
    said = manage(working, "backup", "--new-identity", str(identity))
    recipient = next(word for word in said.split() if word.startswith("age1"))
    with Gates(working) as gates:
        time.sleep(AROUND_S)
        began = time.monotonic()
        manage(working, "backup", str(backup), "--recipient", recipient)
        ended = time.monotonic()
        time.sleep(AROUND_S)
    keys = jwks(working)
    credentials = json.loads(shell(working, _CREDENTIALS).splitlines()[-1])
    working.stop()

    done = subprocess.run(
        [sys.executable, "manage.py", "restore", str(backup), "--identity", str(identity)],
        cwd=PROJECT, env=restored.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    restored.start(within=420)

    held = rows(restored)
    told = {one["body"]["event_id"]: one for one in gates.told}
    lanes = {event: (one["answer"]["id"], one["answer"]["route"]) for event, one in told.items()}
    before = [event for event, one in told.items() if one["at"] < began]
    known = [event for event in told if event in held]
    after = [event for event, one in told.items() if one["at"] >= ended]
    sys.stdout.write(
        f"backup of {backup.stat().st_size / 1e6:.1f} MB in {ended - began:.1f} s under traffic:"
        f" {len(told)} trucks told a lane, {len(before)} before it began, {len(after)} after its"
        f" end; slowest answer meanwhile"
        f" {max(o['answer']['seconds'] for o in gates.told if began < o['at'] < ended):.2f} s;"
        f" the restored one knows {len(known)}\n"
    )
    assert len(before) > 20
    assert len(known) < len(told)
    assert {event: lanes[event] for event in before} == {event: held.get(event) for event in before}

    # Gates send their journals again: nothing is taken twice, nothing changes, nothing is missing.
    changed, anew, alarms = [], 0, -int(shell(restored, _ALARMS).splitlines()[-1])
    for event, one in told.items():
        answer = restored.arrive(one["body"])
        assert answer["status"] in (200, 201), answer
        assert passed(restored, one["body"], answer["id"], one["answer"]) in (200, 201)
        if event in held and (answer["id"], answer["route"]) != lanes[event]:
            changed.append((one["at"] - began, lanes[event][1], answer["route"]))
        anew += lanes[event][1] == "fast" and answer["route"] != "fast"
    # Only what was reported, but not decided, at the instant that the copy shows.
    assert len(changed) <= GATES, changed
    assert set(told) <= set(rows(restored))
    alarms += int(shell(restored, _ALARMS).splitlines()[-1])
    sys.stdout.write(
        f"of what it knew, {len(changed)} were answered otherwise than before; {anew} had gone fast"
        f" and are decided otherwise now: {alarms} alarms\n"
    )
    assert alarms == anew

    verdict = json.loads(manage(restored, "verify_audit", "--json").splitlines()[-1])
    assert verdict["ok"], verdict
    # Keys and credentials of before: known at the gate, and signed with what is published.
    assert jwks(restored) == keys
    now = json.loads(shell(restored, _CREDENTIALS).splitlines()[-1])
    assert now == credentials
    assert len(now["good"]) > 500
    bodies = restored.demo["samples"]["fast_arrivals"][:10]
    assert [restored.arrive(fresh(body))["route"] for body in bodies] == ["fast"] * 10
