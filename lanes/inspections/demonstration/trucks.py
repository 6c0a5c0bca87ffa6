"""Trucks in the demonstration's yard, brought there by the services that gates and officers use."""

import hashlib
import io
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from lanes.demonstration.port import WORLD_TRADE
from lanes.demonstration.samples import all_arrivals
from lanes.inspections.models import Exam, Inspection, Scan
from lanes.inspections.services import cases, exams, sheets
from lanes.inspections.services.joint import open_joint
from lanes.inspections.services.scans import NewScan, post_scan, store_image
from lanes.inspections.services.verdicts import judge_scan
from lanes.inspections.services.watch import watch
from lanes.inspections.sheet import POINTS
from lanes.models import Assignment
from lanes.services import assign
from lanes.services.receive import Report, receive
from trustedtruck.accounts.models import Device, User
from trustedtruck.audit.actors import Actor
from trustedtruck.core.fields import instant
from trustedtruck.core.ids import uuid7

PARTNER = "MX-ANAM"
# The truck of demo.json's scan is known by this event id of its arrival.
SAMPLE = "demo-scan-"
DECIDED_TRIES = 100
# x, y, width, height of a dense block behind the front wall.
_HIDDEN = (566, 250, 46, 96)
_MARK = {"image": 1, "box": list(_HIDDEN), "score": 0.86, "label": "density"}


def make_yard(*, by: Actor) -> None:
    """Once: a scan that waits to be read, one that was read, an exam and a joint one under way."""
    if Inspection.objects.exists():
        return
    trucks = _alarmed()
    inspector, partner = _officer("inspector"), _officer("partner-officer")
    _scanned(next(trucks), 1, by=by)

    read = _scanned(next(trucks), 2, by=by)
    judge_scan(
        scan_id=read.pk,
        port_code=WORLD_TRADE,
        look=1,
        word="refer",
        reason="A dense block behind the front wall that the manifest does not explain.",
        by=_officer("image-analyst").actor,
        at=timezone.now(),
    )

    exam = _examined(next(trucks), by=by)
    _enter(exam, inspector, {f"result_{point}": "pass" for point in list(POINTS)[:7]})

    together = _at_station(next(trucks), "dock-1", by=by)
    assert inspector.agency is not None  # noqa: S101 - every officer of the demonstration has one
    open_joint(
        inspection_id=together.pk,
        port_code=WORLD_TRADE,
        agency=inspector.agency,
        partner_code=PARTNER,
        by=inspector.actor,
        at=timezone.now(),
    )
    exam = _opened(together, inspector)
    _enter(exam, inspector, {f"result_{point}": "pass" for point in list(POINTS)[:6]})
    _enter(exam, partner, {f"result_{point}": "pass" for point in list(POINTS)[6:10]})


def scan_sample(*, home: Path, by: Actor) -> dict[str, Any]:
    """A truck that waits for its scan, and the body and picture that a scanner sends of it.

    The same truck until it has been scanned; then another one.
    """
    path = home / "samples" / "scan.png"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        draft.write_bytes(_picture(7))
        draft.replace(path)
    content = path.read_bytes()
    waiting = Inspection.objects.filter(
        port=WORLD_TRADE,
        assignment__arrival__event_id__startswith=SAMPLE,
        scans__isnull=True,
        closed_at__isnull=True,
    ).first()
    found = waiting or _referred(next(_alarmed()), SAMPLE, by=by)
    arrived = found.assignment.arrival.observed_at
    body = {
        "event_id": f"sample-{found.pk}",
        "station": "nii-1",
        "started_at": instant(arrived + timedelta(seconds=1)),
        "ended_at": instant(arrived + timedelta(seconds=2)),
        "images": [{"sha256": hashlib.sha256(content).hexdigest(), "view": "side"}],
        "marks": [_MARK],
        "radiation_alarm": False,
    }
    return {"arrival": str(found.assignment_id), "body": body, "picture": str(path)}


def _alarmed() -> Iterator[dict[str, Any]]:
    """Trucks of tier 2, which no sample is, that have not been at the port yet."""
    seen = set(Inspection.objects.values_list("assignment__arrival__tag_epc", flat=True))
    for truck, body in all_arrivals(observed_at=timezone.now()):
        carrier = truck.carrier
        if carrier.tier == 2 and carrier.state == "certified" and truck.tag_epc not in seen:
            yield body


def _picture(seed: int) -> bytes:
    # What draws it is read only where one is drawn, which most starts do not.
    from lanes.inspections.demonstration.picture import scan_picture

    return scan_picture(seed, hidden=_HIDDEN)


def _officer(username: str) -> User:
    return User.objects.select_related("agency").get(username=username)


def _device(code: str) -> Device:
    return Device.objects.get(port_code=WORLD_TRADE, code=code)


def _referred(body: dict[str, Any], event: str, *, by: Actor) -> Inspection:
    """A gate reports the truck with a radiation alarm, and it is decided."""
    arrival_id = uuid7()
    report = Report(
        event_id=f"{event}{arrival_id}",
        port=WORLD_TRADE,
        observed_at=timezone.now(),
        direction=body["direction"],
        tag_epc=body["tag_epc"],
        qr=body.get("qr", ""),
        plate_number=body["plate"]["number"],
        plate_jurisdiction=body["plate"]["jurisdiction"],
        trip_number=body.get("trip_number", ""),
        driver_card=body.get("driver_card", ""),
        seals=body["seals"],
        gross_weight_kg=body["gross_weight_kg"],
        radiation_alarm=True,
    )
    receive(report=report, device=_device("gate-1"), arrival_id=arrival_id)
    for _try in range(DECIDED_TRIES):
        if Assignment.objects.filter(pk=arrival_id).exists():
            break  # here, or by a worker of a system that runs already
        if not assign.assign_waiting(port_code=WORLD_TRADE, limit=64, lease_ms=400):
            time.sleep(0.05)
    watch(by=by, at=timezone.now())
    return Inspection.objects.select_related("assignment__arrival").get(assignment=arrival_id)


def _at_station(body: dict[str, Any], station: str, *, by: Actor) -> Inspection:
    inspection = _referred(body, "demo-", by=by)
    what: dict[str, Any] = {"inspection_id": inspection.pk, "port_code": WORLD_TRADE}
    what["by"] = _officer("inspector").actor
    cases.order_to_station(**what, station_code=station, at=timezone.now())
    return cases.appear(**what, at=timezone.now())


def _scanned(body: dict[str, Any], seed: int, *, by: Actor) -> Scan:
    inspection = _at_station(body, "nii-1", by=by)
    content, now = _picture(seed), timezone.now()
    scan, _new = post_scan(
        arrival_id=uuid.UUID(str(inspection.assignment_id)),
        device=_device("scanner-1"),
        scan=NewScan(
            event_id=f"demo-{inspection.pk}",
            station="nii-1",
            started_at=now,
            ended_at=now,
            images=[{"sha256": hashlib.sha256(content).hexdigest(), "view": "side"}],
            marks=[_MARK],
            radiation_alarm=False,
        ),
        at=now,
    )
    store_image(
        scan_id=scan.pk,
        position=1,
        stream=io.BytesIO(content),
        device=_device("scanner-1"),
        at=now,
    )
    return scan


def _examined(body: dict[str, Any], *, by: Actor) -> Exam:
    return _opened(_at_station(body, "dock-1", by=by), _officer("inspector"))


def _opened(inspection: Inspection, officer: User) -> Exam:
    return exams.open_exam(
        inspection_id=inspection.pk,
        port_code=WORLD_TRADE,
        kind=Exam.Kind.CONVEYANCE,
        by=officer.actor,
        at=timezone.now(),
    )


def _enter(exam: Exam, officer: User, fields: dict[str, str]) -> None:
    sheets.save_draft(
        exam_id=exam.pk,
        port_code=WORLD_TRADE,
        draft=fields,
        touched=fields,
        version=Exam.objects.get(pk=exam.pk).version,
        agency=officer.agency,
        by=officer.actor,
        at=timezone.now(),
    )
