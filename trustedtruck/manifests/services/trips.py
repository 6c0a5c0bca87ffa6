"""The rows of a trip: conveyance, equipment, crew, seals."""

import datetime as dt

from trustedtruck.manifests import document as doc
from trustedtruck.manifests.models import (
    CrewDocument,
    CrewMember,
    Equipment,
    Seal,
    Shipment,
    Trip,
)
from trustedtruck.manifests.services.seals import as_replaced


def put(trip: Trip, given: doc.Trip) -> None:
    """Copy the trip's own columns; the caller saves."""
    conveyance = given.conveyance or doc.Conveyance()
    trip.port_code = given.port
    trip.estimated_arrival_at = given.estimated_arrival_at
    trip.gross_weight_kg = given.gross_weight_kg
    trip.conveyance_kind = conveyance.kind if given.conveyance else ""
    trip.truck_number = conveyance.number
    trip.vin = conveyance.vin
    trip.plate_number = conveyance.plate.number
    trip.plate_jurisdiction = conveyance.plate.jurisdiction
    trip.usdot = conveyance.usdot
    trip.tag_epc = conveyance.tag_epc


def put_parts(trip: Trip, given: doc.Trip) -> None:
    """Replace equipment, seals and crew by those given."""
    trip.seals.all().delete()
    trip.equipment.all().delete()
    trip.crew.all().delete()
    equipment = Equipment.objects.bulk_create(
        Equipment(
            trip=trip,
            position=i,
            kind=e.kind,
            number=e.number,
            plate_number=e.plate.number,
            plate_jurisdiction=e.plate.jurisdiction,
            loaded=e.loaded,
        )
        for i, e in enumerate(given.equipment)
    )
    seals = [
        Seal(trip=trip, equipment=row, number=s.number, grade=s.grade)
        for row, e in zip(equipment, given.equipment, strict=True)
        for s in e.seals
    ]
    if given.conveyance is not None:
        seals += [Seal(trip=trip, number=s.number, grade=s.grade) for s in given.conveyance.seals]
    Seal.objects.bulk_create(as_replaced(trip, seals))
    crew = CrewMember.objects.bulk_create(
        CrewMember(
            trip=trip,
            position=i,
            role=p.role,
            given_names=p.given_names,
            family_names=p.family_names,
            birth_date=dt.date.fromisoformat(p.birth_date),
            citizenship=p.citizenship,
            gender=p.gender,
            fast_card=p.fast_card,
        )
        for i, p in enumerate(given.crew)
    )
    CrewDocument.objects.bulk_create(
        CrewDocument(person=row, kind=d.kind, number=d.number, country=d.country)
        for row, p in zip(crew, given.crew, strict=True)
        for d in p.documents
    )


def is_complete(trip: Trip) -> bool:
    """A complete trip names truck, time and driver, and its load or that it is empty."""
    if not trip.plate_number or trip.estimated_arrival_at is None:
        return False
    if not CrewMember.objects.filter(trip=trip, role="driver").exists():
        return False
    if Shipment.objects.filter(trip=trip).exists():
        return True
    return not Equipment.objects.filter(trip=trip, loaded=True).exists()
