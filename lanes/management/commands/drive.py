"""Drive a day of trucks through the real API, as gates would, and say what became of them."""

import json
import random
import sys
import time
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from lanes.demonstration import day
from lanes.demonstration.driving import Drive, Traffic
from lanes.management.demonstration import demonstration


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
        if options["trucks"] is not None and options["trucks"] < 1:
            raise CommandError("--trucks must be at least 1")
        try:
            chosen = day.month(options["month"])
        except ValueError as error:
            raise CommandError(str(error)) from None
        demo = demonstration()
        trucks = options["trucks"] or chosen.a_day
        chance = random.Random(options["seed"])
        with Drive(
            base_url=demo["base_url"],
            key=demo["devices"]["gate-1"]["key"],
            speed=options["speed"],
            chance=chance,
        ) as drive:
            _play(trucks, drive, chance, gates=options["gates"], quiet=options["json"])
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


def _play(trucks: int, drive: Drive, chance: random.Random, *, gates: int, quiet: bool) -> None:
    """Report so many trucks at their instants of the day, `gates` of them at once at most."""
    traffic = Traffic(chance)
    instants = day.instants(trucks, chance)
    bodies = [traffic.next() for _truck in range(trucks)]
    started = time.monotonic() - instants[0] / drive.speed
    bar = tqdm(total=trucks, unit="truck", disable=quiet or None, file=sys.stderr)
    with ThreadPoolExecutor(gates) as pool:
        for at, body in zip(instants, bodies, strict=True):
            delay = started + at / drive.speed - time.monotonic()
            if delay > 0:
                time.sleep(delay)
            bar.set_description(f"{int(at // 3600):02d}:{int(at % 3600 // 60):02d}")
            pool.submit(drive.arrive, body).add_done_callback(lambda _done: bar.update())
    bar.close()
