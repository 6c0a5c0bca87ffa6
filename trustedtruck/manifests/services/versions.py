"""One message about one trip: judged by what is on file, and stored as the trip's next version."""

import hashlib
import json
from typing import NamedTuple

from django.db import connection
from django.db.models import Max
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier
from trustedtruck.core.errors import FieldError, Invalid, NotFound, Refused
from trustedtruck.manifests import document as doc
from trustedtruck.manifests.models import Shipment, Trip, Version
from trustedtruck.manifests.services import shipments as stored_shipments
from trustedtruck.manifests.services import trips as stored_trips
from trustedtruck.manifests.states import NEW, OPEN, TRIP, TripState

WRONG = _("The manifest has errors; nothing of it was stored.")


class Outcome(NamedTuple):
    """What became of a filing. `trip` is None where it spoke of shipments on no trip."""

    trip: Trip | None
    shipments: tuple[str, ...]
    warnings: tuple[FieldError, ...]
    repeated: bool = False


def put_on_trip(
    filing: doc.Filing, carrier: Carrier, source: str, by: Actor, port_code: str
) -> Outcome:
    """Within the caller's transaction; raises what `file_manifest` says of the trip's state."""
    # Two messages about one trip wait for each other, also where the trip is not yet a row.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 5))", [filing.trip_number]
        )
    trip = Trip.objects.filter(trip_number=filing.trip_number).select_for_update().first()
    digest = _digest(filing)
    if trip is not None and port_code and trip.port_code != port_code:
        raise NotFound("no_such_trip", _("There is no such trip on file."))
    if trip is not None and (earlier := _repeat(trip, filing, digest)) is not None:
        return earlier
    if trip is None:
        if filing.purpose == "delete":
            raise NotFound("no_such_trip", _("There is no such trip on file."))
        trip = Trip(trip_number=filing.trip_number, carrier=carrier, state=NEW)
    cancels = filing.purpose == "delete" and not filing.deletes and not filing.shipments
    _refuse_second_original(trip, filing)
    before = trip.state
    if cancels:
        action = TRIP.check("cancel", trip.state).action
        trip.state = TripState.CANCELLED
        trip.cancelled_at = Now()
        _save(trip)
        numbers: list[str] = []
    else:
        if trip.state not in (NEW, *OPEN):
            TRIP.check("amend", trip.state)
        numbers = _change(trip, filing, carrier)
        action = _settle(trip, filing)
    trip.refresh_from_db()
    Version.objects.create(
        trip=trip,
        number=trip.version,
        purpose=filing.purpose,
        source=source,
        control_number=filing.control_number,
        document=doc.as_json(filing),
        document_sha256=digest,
        filed_by=str(by),
    )
    audit.record(
        action,
        by=by,
        subject_kind="trip",
        subject_id=trip.trip_number,
        port_code=trip.port_code,
        data={
            "version": trip.version,
            "purpose": filing.purpose,
            "source": source,
            "from": before,
            "to": trip.state,
            "control_numbers": numbers[:100],
            "count": len(numbers),
        },
    )
    return Outcome(trip, tuple(numbers), ())


def _digest(filing: doc.Filing) -> bytes:
    text = json.dumps(doc.as_json(filing._replace(control_number="")), sort_keys=True)
    return hashlib.sha256(text.encode()).digest()


def _repeat(trip: Trip, filing: doc.Filing, digest: bytes) -> Outcome | None:
    """The answer of before, where this very message is on file already."""
    versions = Version.objects.filter(trip=trip)
    if filing.control_number:
        earlier = versions.filter(control_number=filing.control_number).first()
        if earlier is not None and bytes(earlier.document_sha256) != digest:
            raise Refused(
                "control_number_reused",
                _("This control number was used for another message about this trip."),
                trip_number=trip.trip_number,
            )
    else:
        earlier = versions.filter(number=trip.version, document_sha256=digest).first()
    if earlier is None:
        return None
    return Outcome(trip, tuple(s.control_number for s in filing.shipments), (), repeated=True)


def _refuse_second_original(trip: Trip, filing: doc.Filing) -> None:
    """An original is filed once; whoever wants to change it says so."""
    if trip.state == NEW:
        if filing.purpose == "amendment" or (filing.trip is None and not filing.port):
            raise NotFound("no_such_trip", _("There is no such trip on file."))
        return
    original = filing.purpose in ("complete", "preliminary")
    if original and filing.trip is not None and trip.state != TripState.PRELIMINARY:
        raise Refused(
            "trip_exists",
            _("This trip is on file already. Send an amendment to change it."),
            trip_number=trip.trip_number,
            state=trip.state,
        )
    if original and not filing.replaces and filing.shipments:
        numbers = [s.control_number for s in filing.shipments]
        there = set(
            Shipment.objects.filter(trip=trip, control_number__in=numbers).values_list(
                "control_number", flat=True
            )
        )
        errors = tuple(
            FieldError(
                f"shipments.{i}.control_number",
                "on_file",
                _("This shipment is on file already. Send an amendment to change it."),
            )
            for i, number in enumerate(numbers)
            if number in there
        )
        if errors:
            raise Invalid(errors, WRONG)


def _change(trip: Trip, filing: doc.Filing, carrier: Carrier) -> list[str]:
    if filing.trip is not None:
        stored_trips.put(trip, filing.trip)
        trip.purpose = filing.purpose if filing.purpose != "amendment" else trip.purpose
    trip.purpose = trip.purpose or "preliminary"
    if trip.state == NEW:
        trip.port_code = trip.port_code or filing.port
        trip.state = TripState.PRELIMINARY
    trip.save()
    if filing.trip is not None:
        stored_trips.put_parts(trip, filing.trip)
    if filing.replaces:
        # What is linked is named by its number alone; what is delinked goes on elsewhere.
        stay = [s.control_number for s in filing.shipments]
        stored_shipments.keep_only(trip, [*stay, *filing.links, *filing.delinks])
        first = 0
    else:
        last = Shipment.objects.filter(trip=trip).aggregate(last=Max("position"))["last"]
        first = 0 if last is None else last + 1
    numbers = stored_shipments.put(filing=filing, carrier=carrier, trip=trip, first_position=first)
    stored_shipments.link(filing.links, trip=trip, carrier=carrier)
    stored_shipments.delink(filing.delinks, trip=trip)
    stored_shipments.delete(filing.deletes, trip=trip, carrier=carrier)
    return [*numbers, *filing.links, *filing.delinks, *filing.deletes]


def _settle(trip: Trip, filing: doc.Filing) -> str:
    """Whether the trip is complete now, and by which transition it came there."""
    complete = trip.purpose == "complete" and stored_trips.is_complete(trip)
    if trip.filed_at is None and complete:
        step = TRIP.check("file", trip.state if trip.version else NEW)
        trip.filed_at = Now()
    elif complete:
        step = TRIP.check("amend" if trip.state == TripState.FILED else "file", trip.state)
    elif trip.state == TripState.FILED:
        # The deadline is measured from when the manifest is complete again.
        step = TRIP.check("reopen", trip.state)
        trip.filed_at = None
    else:
        step = TRIP.check("draft", trip.state if trip.version else NEW)
    trip.state = step.target
    _save(trip)
    return step.action


def _save(trip: Trip) -> None:
    trip.version += 1
    trip.changed_at = Now()
    trip.save()
