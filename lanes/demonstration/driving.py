"""Gates and booths that act on the running API, as the port's own equipment would."""

import heapq
import json
import random
import statistics
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Collection
from types import TracebackType
from typing import Any, NamedTuple

from django.db import DatabaseError
from django.utils import timezone

from lanes.demonstration.port import FAST_SECONDS, STANDARD_SECONDS
from lanes.demonstration.samples import all_arrivals, unknown_truck
from lanes.demonstration.trips import open_trip
from lanes.models import OwedExam
from trustedtruck.audit.actors import system
from trustedtruck.core.fields import instant
from trustedtruck.core.ids import uuid7

# One truck in so many is not enrolled at all.
UNKNOWN_SHARE = 0.10


# A fast truck is out of the port so soon after its booth, an inspected one so much later; whoever
# owes an exam is let out when the exam is settled.
LEAVES_AFTER = {"fast": 20.0, "inspection": 600.0}
ASK_AGAIN_SECONDS = 30.0


class Traffic:
    """Which truck comes next: one of the enrolled, or now and then one that nobody knows."""

    def __init__(self, chance: random.Random, *, without: frozenset[str] = frozenset()) -> None:
        """`without` are tags of trucks that stay at home."""
        self._chance = chance
        self._enrolled = [
            (truck, body)
            for truck, body in all_arrivals(observed_at=timezone.now())
            if body["tag_epc"] not in without
        ]

    def next(self) -> dict[str, Any]:
        """The body of its report, without event id and instant of its own."""
        if self._chance.random() < UNKNOWN_SHARE:
            return unknown_truck(self._chance.randrange(100_000), observed_at=timezone.now())
        return self._chance.choice(self._enrolled)[1]

    def next_with_papers(self, *, at_port: Collection[str]) -> dict[str, Any]:
        """A truck that is not at the port now; its carrier has filed for this crossing."""
        body = self.next()
        while body["tag_epc"] in at_port:
            body = self.next()
        truck = next((t for t, known in self._enrolled if known is body), None)
        if truck is None:
            return body
        trip = open_trip(truck, by=system("demo"), at=timezone.now())
        return body | {"trip_number": trip} if trip else body


class _Next(NamedTuple):
    """What comes next for a truck at the port; `due` is an instant of the monotonic clock."""

    due: float
    arrival_id: str
    point: str
    lane: str
    route: str
    tag: str


def _owes_an_exam(arrival_id: str) -> bool:
    return OwedExam.objects.filter(arrival_id=arrival_id, settled_at__isnull=True).exists()


class Drive:
    """Reports arrivals, and lets each truck pass its lane as a booth would serve it.

    At `speed` 360 an hour lasts ten seconds; the passages are compressed alike. Use it as a
    context: the booths work from the first truck until the last has passed, then without waiting;
    after `hurry` they let go of whoever still stands in line. With `exits` each truck also leaves
    the port, which ends its trip; `at_port` are the tags of those that have not.
    """

    def __init__(
        self,
        *,
        base_url: str,
        key: str,
        speed: float,
        chance: random.Random,
        exits: bool = False,
    ) -> None:
        self.base_url, self.key, self.speed, self.chance = base_url, key, speed, chance
        self.exits = exits
        self.at_port: set[str] = set()
        self.routes: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.answer_seconds: list[float] = []
        self._free_at: dict[str, float] = {}
        self._line: list[_Next] = []
        self._lock = threading.Lock()
        self._driving = threading.Event()
        self._booths = threading.Thread(target=self._serve)

    def __enter__(self) -> "Drive":
        self._driving.set()
        self._booths.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._driving.clear()
        self._booths.join()

    def hurry(self) -> None:
        with self._lock:
            self._line.clear()

    def arrive(self, body: dict[str, Any]) -> None:
        """Report one truck now and put it in its lane's line; a failure is counted."""
        body = body | {"event_id": str(uuid7()), "observed_at": instant(timezone.now())}
        began = time.monotonic()
        try:
            answer = self._post("/api/v1/arrivals/", body)
        except OSError as error:
            with self._lock:
                self.failed[_why(error)] += 1
            return
        with self._lock:
            self.answer_seconds.append(time.monotonic() - began)
            self.routes[answer["route"]] += 1
            self.reasons.update(reason["code"] for reason in answer["reasons"])
        self._line_up(answer, body.get("tag_epc", ""))

    def summary(self) -> dict[str, Any]:
        """How many went where and why, and the answer times in ms."""
        times = sorted(1000 * seconds for seconds in self.answer_seconds) or [0.0]
        cuts = statistics.quantiles(times, n=100) if len(times) > 1 else [times[0]] * 99
        return {
            "trucks": sum(self.routes.values()) + sum(self.failed.values()),
            "routes": dict(self.routes.most_common()),
            "reasons": dict(self.reasons.most_common()),
            "failed": dict(self.failed),
            "answer_ms": {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "max": times[-1]},
        }

    def _line_up(self, answer: dict[str, Any], tag: str) -> None:
        """Put the truck in its lane's line: the booth takes one truck after the other."""
        if answer["lane"] is None:
            return
        code, route = answer["lane"]["code"], answer["route"]
        seconds = FAST_SECONDS if route == "fast" else STANDARD_SECONDS
        now = time.monotonic()
        with self._lock:
            self.at_port.add(tag)
            begins = max(now, self._free_at.get(code, now))
            ends = self._free_at[code] = begins + self.chance.expovariate(1 / seconds) / self.speed
            heapq.heappush(self._line, _Next(ends, answer["id"], "lane", code, route, tag))

    def _serve(self) -> None:
        """Report each passage when it is due; when the day is over, the rest without waiting."""
        while self._driving.is_set() or self._line:
            with self._lock:
                over = not self._driving.is_set()
                due = self._line and (over or self._line[0].due <= time.monotonic())
                passing = heapq.heappop(self._line) if due else None
            if passing is None:
                time.sleep(0.01)
                continue
            try:
                later = self._pass(passing)
            except (OSError, DatabaseError) as error:
                later = None
                with self._lock:
                    self.failed[f"passage: {type(error).__name__}"] += 1
            with self._lock:
                if later:
                    heapq.heappush(self._line, later)
                else:
                    self.at_port.discard(passing.tag)

    def _pass(self, passing: "_Next") -> "_Next | None":
        """Let the truck pass this point; what comes next for it."""
        now = time.monotonic()
        if passing.point == "exit" and _owes_an_exam(passing.arrival_id):
            return passing._replace(due=now + ASK_AGAIN_SECONDS / self.speed)
        body = {
            "event_id": str(uuid7()),
            "point": passing.point,
            "at": instant(timezone.now()),
        }
        if passing.point == "lane":
            body["lane"] = passing.lane
        self._post(f"/api/v1/arrivals/{passing.arrival_id}/passages/", body)
        if passing.point == "exit" or not self.exits:
            return None
        leaves = now + LEAVES_AFTER[passing.route] / self.speed
        return passing._replace(due=leaves, point="exit")

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310  (our own base URL)
            self.base_url + path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"},
        )
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            found: dict[str, Any] = json.load(response)
            return found


def _why(error: OSError) -> str:
    """The status and code of a refusal, or the name of what went wrong on the way."""
    if isinstance(error, urllib.error.HTTPError):
        try:
            return f"{error.code} {json.load(error)['code']}"
        except (ValueError, LookupError, TypeError):
            return str(error.code)
    return type(error).__name__
