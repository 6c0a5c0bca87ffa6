"""Measure a part of the product on this machine: `bench credentials`, each with its target.

An app takes part by having a module `bench` with `measure() -> Iterable[Result]`, measured under
the app's name, or with `PARTS`, a table of several by name.
"""

import importlib.util
import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from trustedtruck.core import bench_page
from trustedtruck.core.bench import EFFORT, Effort, Result


class Command(BaseCommand):
    help = "Measure a part of the product on this machine; fails when a target is missed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("part", choices=sorted(parts()), nargs="?", default="arrivals")
        parser.add_argument("--seconds", type=float, default=6.0, help="of each load")
        parser.add_argument("--repeats", type=int, default=3, help="of all loads")
        parser.add_argument(
            "--scale", type=float, default=1.0, help="share of the rows that tables are filled with"
        )
        parser.add_argument("--write", action="store_true", help="write docs/performance.md too")
        parser.add_argument("--json", action="store_true", help="print results as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["seconds"] <= 0 or options["repeats"] < 1:
            raise CommandError("--seconds must be above 0 and --repeats at least 1")
        if not 0 < options["scale"] <= 1:
            raise CommandError("--scale must be above 0 and at most 1")
        EFFORT.set(
            Effort(options["seconds"], options["repeats"], options["write"], options["scale"])
        )
        part = options["part"]
        try:
            if options["write"]:
                bench_page.check_place(part)
            results = measured(part)
            if options["write"]:
                bench_page.write(part, results)
        except bench_page.NoPlace as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            rows = [{**asdict(result), "met": result.met} for result in results]
            self.stdout.write(json.dumps({"part": part, "results": rows}, indent=2))
        else:
            for result in results:
                self.stdout.write(result.line())
        missed = [result.name for result in results if not result.met]
        if missed:
            raise CommandError(f"Targets missed: {', '.join(missed)}")


Measure = Callable[[], Iterable[Result]]


def measured(part: str) -> list[Result]:
    return list(parts()[part]())


def parts() -> dict[str, Measure]:
    """Everything that can be measured, by name."""
    found: dict[str, Measure] = {}
    for config in apps.get_app_configs():
        if importlib.util.find_spec(f"{config.name}.bench"):
            module = importlib.import_module(f"{config.name}.bench")
            if hasattr(module, "measure"):
                found[config.label] = module.measure
            found |= getattr(module, "PARTS", {})
    return found
