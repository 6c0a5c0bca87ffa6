"""A gate computer: it asks, waits no longer than its timer, and inspects whatever is not fast.

It journals every truck, sends the journal again (same event id) until each one is taken, and
reports the lane that the truck was really let into.
"""

import http.client
import json
import queue
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.faults.history import History

DEADLINE, SLACK = 1.5, 0.5
TIMER = DEADLINE + SLACK
PAUSE = 0.5
# As many lines of a gate tell what happened as trucks come in a second, or more.
REPORTERS = 8


@dataclass
class Truck:
    event_id: str
    body: dict[str, Any]
    executed: str = ""
    lane: str = ""
    arrival_id: str = ""
    reported: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


class Gate:
    """`ports`: where it may ask; the first is the usual one, through the proxy."""

    def __init__(
        self, history: History, *, key: str, port: int, fast_lane: str, other_lane: str
    ) -> None:
        self.history, self.key, self.port = history, key, port
        self.fast_lane, self.other_lane = fast_lane, other_lane
        self.trucks: dict[str, Truck] = {}
        self._journal: queue.Queue[Truck] = queue.Queue()
        self._pool = ThreadPoolExecutor(96)
        self._over = threading.Event()
        for _ in range(REPORTERS):
            threading.Thread(target=self._replay, daemon=True).start()

    def arrive(
        self,
        event_id: str,
        body: dict[str, Any],
        *,
        twice: bool = False,
        late: float = 0.0,
        port: int = 0,
        **marks: Any,
    ) -> None:
        """A truck stands before the gate. `twice`: the reader fires two times at once."""
        seen = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        truck = Truck(event_id, body | {"event_id": event_id, "observed_at": seen})
        self.trucks[event_id] = truck
        for copy in range(2 if twice else 1):
            self._pool.submit(self._ask, truck, late, port or self.port, copy, marks)

    def _ask(self, truck: Truck, late: float, port: int, copy: int, marks: dict[str, Any]) -> None:
        time.sleep(late)
        self.history.add("invoke", event=truck.event_id, copy=copy, port=port, **marks)
        answer = self._post("/api/v1/arrivals/", truck.body, port)
        with truck.lock:
            first = not truck.executed
            fast = (
                answer["outcome"] == "ok"
                and answer.get("state") == "assigned"
                and answer.get("route") == "fast"
                and answer["seconds"] <= TIMER
            )
            if first:
                # Anything but a valid answer in time means inspection.
                truck.executed = "fast" if fast else "inspection"
                lane = answer.get("lane") or {}
                usual = self.fast_lane if fast else self.other_lane
                right = answer.get("route") == truck.executed
                truck.lane = str(lane["code"]) if right and lane else usual
                self.history.add("execute", event=truck.event_id, route=truck.executed)
        self.history.add("answer", event=truck.event_id, copy=copy, **answer)
        self._note(truck, answer)

    def _note(self, truck: Truck, answer: dict[str, Any]) -> None:
        if answer["outcome"] == "ok":
            truck.arrival_id = answer["id"]
        self._journal.put(truck)

    def _replay(self) -> None:
        """Send what was not taken, and report the lanes of what was, until all is told."""
        while not self._over.is_set() or not self._journal.empty():
            try:
                truck = self._journal.get(timeout=0.2)
            except queue.Empty:
                continue
            if truck.reported:
                continue
            self._tell(truck)

    def _tell(self, truck: Truck) -> None:
        """Have it taken, then its lane; whatever is not taken goes to the journal again."""
        if not truck.arrival_id:
            answer = self._post("/api/v1/arrivals/", truck.body, self.port)
            self.history.add("replay", event=truck.event_id, **answer)
            if answer["outcome"] == "ok":
                truck.arrival_id = answer["id"]
        if not truck.arrival_id or not self._report(truck):
            time.sleep(PAUSE)
            self._journal.put(truck)

    def _report(self, truck: Truck) -> bool:
        """The lane that the truck was let into, whatever was decided."""
        body = {
            "event_id": f"{truck.event_id}-lane",
            "point": "lane",
            "lane": truck.lane,
            "at": truck.body["observed_at"],
        }
        path = f"/api/v1/arrivals/{truck.arrival_id}/passages/"
        answer = self._post(path, body, self.port)
        truck.reported = answer["outcome"] == "ok"
        self.history.add("report", event=truck.event_id, into=truck.lane, **answer)
        return truck.reported

    def settle(self, seconds: float) -> bool:
        """Whether the journal is empty within so many seconds."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if all(truck.reported for truck in self.trucks.values()):
                break
            time.sleep(0.2)
        self._over.set()
        self._pool.shutdown(wait=True)
        return all(truck.reported for truck in self.trucks.values())

    def _post(self, path: str, body: dict[str, Any], port: int) -> dict[str, Any]:
        """`outcome`: ok (2xx), fail (refused), unknown (no answer, or half of one)."""
        began = time.monotonic()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMER)
        try:
            connection.request("POST", path, json.dumps(body), headers)
            response = connection.getresponse()
            text = json.loads(response.read())
        except ConnectionRefusedError:
            return {"outcome": "fail", "status": 0, "seconds": _since(began)}
        except (OSError, ValueError, http.client.HTTPException) as error:
            name = type(error).__name__
            return {"outcome": "unknown", "status": 0, "error": name, "seconds": _since(began)}
        finally:
            with suppress(OSError):
                connection.close()
        outcome = "ok" if 200 <= response.status < 300 else "fail"
        kept = ("id", "state", "route", "lane", "decided_at", "deadline_at", "code")
        found = {name: text[name] for name in kept if name in text}
        found["reasons"] = [reason["code"] for reason in text.get("reasons", [])]
        return {
            "outcome": outcome,
            "status": response.status,
            "seconds": _since(began),
            **found,
        }


def _since(began: float) -> float:
    return round(time.monotonic() - began, 4)


class Traffic:
    """Which truck comes next: known ones that would be fast, and some that must be inspected."""

    def __init__(self, samples: dict[str, Any], chance: random.Random, prefix: str) -> None:
        self.fast: list[dict[str, Any]] = samples["fast_arrivals"]
        self.others: list[dict[str, Any]] = samples["inspection_arrivals"]
        self.chance, self.prefix, self.count = chance, prefix, 0
        self.suspended: set[str] = set()

    def next(self) -> tuple[str, dict[str, Any], bool | None]:
        """Event id, body, and whether the truck is eligible for the fast lane.

        None while its credential is being suspended: the rule about revocations judges that.
        """
        self.count += 1
        event = f"{self.prefix}-{self.count:05d}"
        if self.chance.random() < 0.1:
            return event, self.chance.choice(self.others), False
        body = self.chance.choice(self.fast)
        return event, body, None if body["tag_epc"] in self.suspended else True
