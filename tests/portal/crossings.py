"""Trucks of carriers that came to the port, without a gate and without a worker."""

from datetime import timedelta

from django.utils import timezone

from lanes.models import Arrival, Assignment
from tests.cast import make_device, make_port
from trustedtruck.carriers.models import Carrier


def cross(carriers: list[Carrier]) -> list[Arrival]:
    """One arrival for each, decided at its deadline."""
    port, (device, _key), now = make_port(), make_device(), timezone.now()
    arrivals = []
    for number, carrier in enumerate(carriers):
        arrival = Arrival.objects.create(
            port=port,
            device=device,
            event_id=f"event-{number}",
            body_sha256=b"\0" * 32,
            deadline_at=now + timedelta(minutes=1),
            observed_at=now,
            direction="northbound",
        )
        Assignment.objects.create(
            arrival=arrival,
            port=port,
            route="inspection",
            reasons=["deadline_passed"],
            facts={},
            policy_version=1,
            decided_at=now,
            decided_by="deadline",
            carrier=carrier,
        )
        arrivals.append(arrival)
    return arrivals
