"""A scanner posts a scan, and then its pictures."""

import hashlib
import json
import uuid
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lanes.inspections import storage
from lanes.inspections.models import Inspection, Scan, ScanImage, Station
from lanes.inspections.services.cases import appear
from lanes.inspections.services.common import lock, record, wrong
from lanes.inspections.states import CLOSED, InspectionState
from lanes.models import Arrival
from trustedtruck.accounts.models import Device
from trustedtruck.core.errors import NotFound, Refused

SCANNERS = (Station.Kind.NII_PORTAL, Station.Kind.NII_BACKSCATTER, Station.Kind.RADIATION)


@dataclass(frozen=True, slots=True)
class NewScan:
    """The body in its normal form; `images` are `{sha256, view}`, `marks` as in `Scan`."""

    event_id: str
    station: str
    started_at: datetime
    ended_at: datetime
    images: list[dict[str, Any]]
    marks: list[dict[str, Any]] = field(default_factory=list)
    radiation_alarm: bool | None = None

    def sha256(self) -> bytes:
        body = json.dumps(asdict(self), sort_keys=True, default=lambda at: at.timestamp())
        return hashlib.sha256(body.encode()).digest()


@transaction.atomic
def post_scan(
    *, arrival_id: uuid.UUID, device: Device, scan: NewScan, at: datetime
) -> tuple[Scan, bool]:
    """Keep a scan of a truck that is being inspected; the same event again gives the same row.

    A scan at the station that the truck was ordered to proves that it is there. Raises `NotFound`,
    `Invalid`, or `Refused`: another body under the same event id, a truck that was not referred,
    one that is released.
    """
    port = device.port_code
    arrival = Arrival.objects.filter(pk=arrival_id, port=port).first()
    if arrival is None:
        raise NotFound("arrival_unknown", _("There is no such arrival at this port."))
    inspection = Inspection.objects.filter(assignment=arrival_id).only("pk").first()
    if inspection is None:
        raise Refused("not_referred", _("This truck was not sent to inspection."))
    # The lock makes one event that comes twice at once come one after the other.
    inspection = lock(inspection.pk, port)
    known = Scan.objects.filter(port=port, event_id=scan.event_id).first()
    if known is not None:
        if bytes(known.body_sha256) != scan.sha256():
            raise Refused("event_id_reused", _("This event id was used before, with another body."))
        return known, False
    if inspection.state in CLOSED:
        raise Refused("inspection_closed", _("The inspection of this truck is closed."))
    station = Station.objects.filter(port=port, code=scan.station, kind__in=SCANNERS).first()
    if station is None:
        raise wrong("station", "unknown_station", _("There is no such scanner at this port."))
    tolerance = timedelta(seconds=settings.LANES_CLOCK_TOLERANCE_S)
    if scan.started_at < arrival.observed_at - tolerance:
        raise wrong("started_at", "before_arrival", _("This is before the truck arrived."))
    if inspection.state == InspectionState.ORDERED and inspection.station == station:
        appear(inspection_id=inspection.pk, port_code=port, by=device.actor, at=at)
    made = Scan.objects.create(
        inspection=inspection,
        port_id=port,
        station=station,
        device=device,
        event_id=scan.event_id,
        body_sha256=scan.sha256(),
        started_at=scan.started_at,
        ended_at=scan.ended_at,
        marks=scan.marks,
        radiation_alarm=scan.radiation_alarm,
        trailers=_trailers(inspection),
    )
    ScanImage.objects.bulk_create(
        ScanImage(scan=made, position=place, sha256=image["sha256"], view=image.get("view", ""))
        for place, image in enumerate(scan.images, start=1)
    )
    record("scan.received", inspection, device.actor, scan=str(made.pk), station=station.code)
    return made, True


def _trailers(inspection: Inspection) -> list[str]:
    """What the trip's trailers are called: their numbers, and their plates."""
    trip = inspection.assignment.facts.get("trip") or {}
    found: list[str] = []
    for unit in trip.get("trailers", []):
        plate = f"{unit['plate_number']} {unit['plate_jurisdiction']}".strip()
        found += [name for name in (unit["number"], plate) if name]
    return list(dict.fromkeys(found))


def store_image(
    *, scan_id: uuid.UUID, position: int, stream: storage.Readable, device: Device, at: datetime
) -> tuple[ScanImage, bool]:
    """Take in one picture that was announced; sent again it is the same row, and False.

    The stream is read outside any transaction. Raises `NotFound`, `TooLarge`, or `Invalid` where
    it is not the picture that was announced, or none at all; the scan waits for it then.
    """
    image = ScanImage.objects.filter(
        scan=scan_id, position=position, scan__port=device.port_code
    ).first()
    if image is None:
        raise NotFound("image_unknown", _("No such image was announced."))
    arrived = storage.take_in(stream, limit=settings.SCAN_MAX_BYTES)
    try:
        if arrived.sha256 != image.sha256:
            raise wrong(
                "image",
                "hash_mismatch",
                _("The picture does not have the hash that was announced."),
            )
        if image.received_at is not None:
            return image, False
        picture = storage.settle(arrived)
    finally:
        arrived.path.unlink(missing_ok=True)
    return _note(image, arrived, picture, device, at)


@transaction.atomic
def _note(
    image: ScanImage,
    arrived: storage.Arrived,
    picture: storage.Picture,
    device: Device,
    at: datetime,
) -> tuple[ScanImage, bool]:
    image = (
        ScanImage.objects.select_for_update(of=["self"])
        .select_related("scan__inspection")
        .get(pk=image.pk)
    )
    if image.received_at is not None:
        return image, False
    image.media_type, image.size = picture.media_type, arrived.size
    image.width, image.height, image.received_at = picture.width, picture.height, at
    image.save()
    record(
        "scan.image_received",
        image.scan.inspection,
        device.actor,
        scan=str(image.scan_id),
        position=image.position,
        sha256=image.sha256,
    )
    return image, True
