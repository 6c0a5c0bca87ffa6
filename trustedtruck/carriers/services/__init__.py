"""Every change to a carrier, its people, its fleet and its standing, one file per matter."""

from trustedtruck.carriers.services.carrier import change_carrier, register_carrier
from trustedtruck.carriers.services.fleet import (
    NewDriver,
    NewTrailer,
    NewTruck,
    add_drivers,
    add_trailers,
    add_trucks,
)

__all__ = [
    "NewDriver",
    "NewTrailer",
    "NewTruck",
    "add_drivers",
    "add_trailers",
    "add_trucks",
    "change_carrier",
    "register_carrier",
]
