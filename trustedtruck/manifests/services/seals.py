"""Seals that an officer cut and replaced: the trip goes on with the new numbers."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.manifests.models import Equipment, ReplacedSeal, Seal, Trip


class NewSeal(NamedTuple):
    """`old` is the number that was cut; `grade` of ISO 17712, empty where it is not known."""

    old: str
    number: str
    grade: str


@transaction.atomic
def replace_seals(*, trip_id: int, seals: Sequence[NewSeal], by: Actor, at: datetime) -> None:
    """From now on the truck must carry the new seals; the filing stays as it was made.

    A seal that was cut without having been declared leaves its place to the new one: on the only
    trailer, or on the truck. Harmless when repeated, and for a trip that is not known any more.
    """
    trip = Trip.objects.select_for_update().filter(pk=trip_id).first()
    if trip is None:
        return
    known = set(ReplacedSeal.objects.filter(trip=trip).values_list("old_number", flat=True))
    new = [one for one in seals if one.old not in known]
    for one in new:
        seal = _place_of(trip, one)
        seal.number, seal.grade = one.number, one.grade
        seal.save()
        ReplacedSeal.objects.create(
            trip=trip,
            equipment_number=seal.equipment.number if seal.equipment else "",
            old_number=one.old,
            new_number=one.number,
            new_grade=one.grade,
            replaced_by=str(by),
            replaced_at=at,
        )
    if new:
        audit.record(
            "trip.seals_replaced",
            by=by,
            subject_kind="trip",
            subject_id=trip.trip_number,
            port_code=trip.port_code,
            data={"seals": ", ".join(f"{one.old} → {one.number}" for one in new)},
        )


def _place_of(trip: Trip, new: NewSeal) -> Seal:
    """The row that becomes the new seal's: its own where a carrier has filed it already."""
    old = trip.seals.filter(number=new.old).first()
    filed = trip.seals.filter(number=new.number).first()
    if filed is not None and old is not None:
        old.delete()
    if found := filed or old:
        return found
    trailers = list(Equipment.objects.filter(trip=trip)[:2])
    return Seal(trip=trip, equipment=trailers[0] if len(trailers) == 1 else None)


def numbers_of(trip_id: int | None) -> set[str]:
    """All numbers that the trip's seals have, and had before they were replaced."""
    own = Seal.objects.filter(trip=trip_id).values_list("number", flat=True)
    before = ReplacedSeal.objects.filter(trip=trip_id).values_list("old_number", flat=True)
    return {*own, *before}


def as_replaced(trip: Trip, seals: list[Seal]) -> list[Seal]:
    """The filed seals with the numbers that stand on the truck now: a later filing may not know."""
    replaced = {r.old_number: r for r in ReplacedSeal.objects.filter(trip=trip)}
    found: dict[str, Seal] = {}
    for seal in seals:
        while seal.number in replaced:
            now = replaced.pop(seal.number)
            seal.number, seal.grade = now.new_number, now.new_grade
        found.setdefault(seal.number, seal)
    return list(found.values())
