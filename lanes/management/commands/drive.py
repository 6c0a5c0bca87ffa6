"""Drive a day of trucks through the real API, as gates would, and say what became of them."""

import heapq
import json
import random
import statistics
import sys
import threading
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from lanes.demonstration import day
from lanes.demonstration.port import FAST_SECONDS, STANDARD_SECONDS
from lanes.demonstration.samples import all_arrivals, unknown_truck
from trustedtruck.core.fields import instant
from trustedtruck.core.ids import uuid7

# One truck in so many is not enrolled at all.
UNKNOWN_SHARE = 0.10


class Command(BaseCommand):
    help = "Play a day of arrivals at World Trade Bridge through the running API."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--month", default="2023-10", help="the real month, as 2023-10")
        parser.add_argument(
            "--speed", type=float, default=360.0, help="how much faster than real time"
        )
        parser.add_argument("--trucks", type=int, help="so many trucks instead of the month's day")
        parser.add_argument("--gates", type=int, default=16, help="reports under way at once")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["speed"] <= 0 or options["gates"] < 1:
            raise CommandError("--speed must be above 0 and --gates at least 1")
        try:
            chosen = day.month(options["month"])
        except ValueError as error:
            raise CommandError(str(error)) from None
        demo = json.loads((settings.HOME / "demo.json").read_text())
        trucks = options["trucks"] or chosen.a_day
        drive = Drive(
            base_url=demo["base_url"],
            key=demo["devices"]["gate-1"]["key"],
            speed=options["speed"],
            chance=random.Random(options["seed"]),
        )
        drive.run(trucks, gates=options["gates"], quiet=options["json"])
        summary = drive.summary() | {"month": options["month"], "speed": options["speed"]}
        if options["json"]:
            self.stdout.write(json.dumps(summary))
        else:
            self._print(summary)

    def _print(self, summary: dict[str, Any]) -> None:
        total = sum(summary["routes"].values()) or 1
        self.stdout.write(f"\n{summary['trucks']} trucks of a day of {summary['month']}:")
        for route, count in summary["routes"].items():
            self.stdout.write(f"  {route:<12} {count:>6}  {100 * count / total:5.1f} %")
        self.stdout.write("Reasons (a truck may have several):")
        for reason, count in summary["reasons"].items():
            self.stdout.write(f"  {reason:<32} {count:>6}")
        times = summary["answer_ms"]
        self.stdout.write(
            "Answers: " + ", ".join(f"{name} {value:.0f} ms" for name, value in times.items())
        )
        if summary["failed"]:
            self.stdout.write(f"Not answered: {summary['failed']}")


class Drive:
    """Reports arrivals at their times and lets each truck pass its lane as a booth would serve it.

    At `speed` 360 an hour lasts ten seconds; the passages are compressed alike.
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

    def run(self, trucks: int, *, gates: int, quiet: bool) -> None:
        enrolled = [body for _truck, body in all_arrivals(observed_at=timezone.now())]
        instants = day.instants(trucks, self.chance)
        bodies = [self._body(enrolled, n) for n in range(trucks)]
        started = time.monotonic() - instants[0] / self.speed
        driving = threading.Event()
        driving.set()
        server = threading.Thread(target=self._serve, kwargs={"driving": driving})
        server.start()
        bar = tqdm(total=trucks, unit="truck", disable=quiet or None, file=sys.stderr)
        with ThreadPoolExecutor(gates) as pool:
            for at, body in zip(instants, bodies, strict=True):
                delay = started + at / self.speed - time.monotonic()
                if delay > 0:
                    time.sleep(delay)
                bar.set_description(f"{int(at // 3600):02d}:{int(at % 3600 // 60):02d}")
                pool.submit(self._arrive, body).add_done_callback(lambda _done: bar.update())
        bar.close()
        driving.clear()
        server.join()

    def summary(self) -> dict[str, Any]:
        times = sorted(1000 * seconds for seconds in self.answer_seconds) or [0.0]
        cuts = statistics.quantiles(times, n=100) if len(times) > 1 else [times[0]] * 99
        return {
            "trucks": sum(self.routes.values()) + sum(self.failed.values()),
            "routes": dict(self.routes.most_common()),
            "reasons": dict(self.reasons.most_common()),
            "failed": dict(self.failed),
            "answer_ms": {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "max": times[-1]},
        }

    def _body(self, enrolled: list[dict[str, Any]], n: int) -> dict[str, Any]:
        if self.chance.random() < UNKNOWN_SHARE:
            return unknown_truck(n, observed_at=timezone.now())
        return self.chance.choice(enrolled)

    def _arrive(self, body: dict[str, Any]) -> None:
        body = body | {"event_id": str(uuid7()), "observed_at": instant(timezone.now())}
        began = time.monotonic()
        try:
            answer = self._post("/api/v1/arrivals/", body)
        except OSError as error:
            with self._lock:
                self.failed[type(error).__name__] += 1
            return
        with self._lock:
            self.answer_seconds.append(time.monotonic() - began)
            self.routes[answer["route"]] += 1
            self.reasons.update(reason["code"] for reason in answer["reasons"])
        self._line_up(answer)

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

    def _serve(self, *, driving: threading.Event) -> None:
        """Report each passage when it is due; when the day is over, the rest without waiting."""
        while driving.is_set() or self._line:
            with self._lock:
                due = self._line and (not driving.is_set() or self._line[0][0] <= time.monotonic())
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
                    self.failed[f"passage: {type(error).__name__}"] += 1

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310  (our own base URL)
            self.base_url + path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"},
        )
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            found: dict[str, Any] = json.load(response)
            return found
