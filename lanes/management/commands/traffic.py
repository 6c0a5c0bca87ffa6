"""Let trucks come to the demonstration's port without end, so that its boards are alive."""

import random
import signal
import threading
from argparse import ArgumentParser
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from lanes.demonstration.driving import Drive, Traffic
from lanes.demonstration.port import WORLD_TRADE
from lanes.inspections.queries.yard import tags_here
from lanes.management.demonstration import demonstration

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = (
        "Report a truck at World Trade Bridge every few seconds until stopped. The trucks of"
        " demo.json's samples stay at home: they are for those who try the API. Trucks that"
        " are being inspected do not come once more."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--every",
            type=float,
            default=settings.DEMO_TRAFFIC_S,
            help="seconds between two trucks, on average (DEMO_TRAFFIC_S)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["every"] > 0:
            raise CommandError("--every must be above 0")
        stopping = threading.Event()
        for wanted in (signal.SIGTERM, signal.SIGINT):
            signal.signal(wanted, lambda *_signal: stopping.set())
        demo = demonstration()
        chance = random.Random()
        traffic = Traffic(chance, without=_tags_of(demo["samples"]) | tags_here(WORLD_TRADE))
        with Drive(
            base_url=demo["base_url"],
            key=demo["devices"]["gate-1"]["key"],
            speed=1.0,
            chance=chance,
            exits=True,
        ) as drive:
            while not stopping.wait(chance.expovariate(1 / options["every"])):
                try:
                    drive.arrive(traffic.next_with_papers(at_port=drive.at_port))
                except DatabaseError as error:
                    # It may be away for a while; the next truck comes all the same.
                    log.warning("no_truck_came", error=repr(error))
                    connection.close()
            drive.hurry()
        log.info("traffic_ended", **drive.summary())


def _tags_of(samples: dict[str, Any]) -> frozenset[str]:
    bodies = [samples["fast_arrival"], samples["inspection_arrival"]]
    bodies += samples["fast_arrivals"] + samples["inspection_arrivals"]
    return frozenset(body["tag_epc"] for body in bodies if "tag_epc" in body)
