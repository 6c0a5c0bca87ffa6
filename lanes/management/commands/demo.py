"""Load the demonstration, and write `demo.json` with all that one needs to try it."""

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from lanes.demonstration.alerts import make_alerts
from lanes.demonstration.carriers import make_carriers
from lanes.demonstration.members import make_members
from lanes.demonstration.port import make_devices, make_logins, make_ports
from lanes.demonstration.samples import samples
from lanes.demonstration.trips import file_trips
from lanes.inspections.demonstration.stations import make_stations
from lanes.inspections.demonstration.trucks import make_yard, scan_sample
from lanes.models import Port
from trustedtruck.audit.actors import system


class Command(BaseCommand):
    # They would read every page and its libraries; `manage.py check` is where they belong.
    requires_system_checks = []
    help = "Load the demonstration ports and carriers once, and write demo.json at every call."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print demo.json instead of words")

    def handle(self, *args: Any, **options: Any) -> None:
        at, by = timezone.now(), system("demo")
        path = settings.HOME / "demo.json"
        known = _read(path)
        if not Port.objects.exists():
            make_ports(by=by, approver=system("demo-approver"), at=at)
            make_carriers(by=by, at=at)
        make_stations(by=by, at=at)
        file_trips(by=by, at=at)
        demo: dict[str, Any] = {
            "base_url": settings.BASE_URL,
            "logins": make_logins(known=known.get("logins", {}))
            | make_members(known=known.get("logins", {}), by=by, at=at),
            "devices": make_devices(known=known.get("devices", {}), by=by, at=at),
            "partners": make_alerts(known=known.get("partners", {}), by=by, at=at),
        }
        make_yard(by=by)
        demo["samples"] = samples(at=at) | {"scan": scan_sample(home=settings.HOME, by=by)}
        _write(path, demo)
        if options["json"]:
            self.stdout.write(json.dumps(demo))
        else:
            self.stdout.write(
                f"{Port.objects.count()} ports,"
                f" {len(demo['samples']['fast_arrivals'])} fast samples; written to {path}"
            )


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, demo: dict[str, Any]) -> None:
    """Whole or not at all, and for the owner's eyes: it holds keys and passwords."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(demo, file, indent=1, ensure_ascii=False)
    draft.replace(path)
