"""Gates and booths that act on the running API, as the port's own equipment would."""

import heapq
import json
import random
import statistics
import threading
import time
import urllib.request
from collections import Counter
from types import TracebackType
from typing import Any

from django.utils import timezone

from lanes.demonstration.port import FAST_SECONDS, STANDARD_SECONDS
from lanes.demonstration.samples import all_arrivals, unknown_truck
from trustedtruck.core.fields import instant
from trustedtruck.core.ids import uuid7

# One truck in so many is not enrolled at all.
UNKNOWN_SHARE = 0.10


class Traffic:
    """Which truck comes next: one of the enrolled, or now and then one that nobody knows."""

    def __init__(self, chance: random.Random, *, without: frozenset[str] = frozenset()) -> None:
        """`without` are tags of trucks that stay at home."""
        self._chance = chance
        self._enrolled = [
            body
            for _truck, body in all_arrivals(observed_at=timezone.now())
            if body["tag_epc"] not in without
        ]

    def next(self) -> dict[str, Any]:
        """The body of its report, without event id and instant of its own."""
        if self._chance.random() < UNKNOWN_SHARE:
            return unknown_truck(self._chance.randrange(100_000), observed_at=timezone.now())
        return self._chance.choice(self._enrolled)


class Drive:
    """Reports arrivals, and lets each truck pass its lane as a booth would serve it.

    At `speed` 360 an hour lasts ten seconds; the passages are compressed alike. Use it as a
    context: the booths work from the first truck until the last has passed, then without waiting;
    after `hurry` they let go of whoever still stands in line.
    """

    def __init__(self, *, base_url: str, key: str, speed: float, chance: random.Random) -> None:
        self.base_url, self.key, self.speed, self.chance = base_url, key, speed, chance
        self.routes: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.answer_seconds: list[float] = []
        self._free_at: dict[str, float] = {}
        self._line: list[tuple[float, str, str]] = []
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
        self._line_up(answer)

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

    def _line_up(self, answer: dict[str, Any]) -> None:
        """Put the truck in its lane's line: the booth takes one truck after the other."""
        if answer["lane"] is None:
            return
        code = answer["lane"]["code"]
        seconds = FAST_SECONDS if answer["route"] == "fast" else STANDARD_SECONDS
        now = time.monotonic()
        with self._lock:
            begins = max(now, self._free_at.get(code, now))
            ends = self._free_at[code] = begins + self.chance.expovariate(1 / seconds) / self.speed
            heapq.heappush(self._line, (ends, answer["id"], code))

    def _serve(self) -> None:
        """Report each passage when it is due; when the day is over, the rest without waiting."""
        while self._driving.is_set() or self._line:
            with self._lock:
                over = not self._driving.is_set()
                due = self._line and (over or self._line[0][0] <= time.monotonic())
                passing = heapq.heappop(self._line) if due else None
            if passing is None:
                time.sleep(0.01)
                continue
            _ends, arrival_id, code = passing
            body = {
                "event_id": str(uuid7()),
                "point": "lane",
                "lane": code,
                "at": instant(timezone.now()),
            }
            try:
                self._post(f"/api/v1/arrivals/{arrival_id}/passages/", body)
            except OSError as error:
                with self._lock:
                    self.failed[f"passage: {_why(error)}"] += 1

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
