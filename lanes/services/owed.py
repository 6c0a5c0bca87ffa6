"""What inspections write down for the next decision; their own events tell who and why."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from lanes.models import Assignment, CarrierRecord, OwedExam
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier
from trustedtruck.credentials.models import Credential


@transaction.atomic
def order_exam(
    *, assignment: Assignment, station: str, due_at: datetime, by: Actor, at: datetime
) -> OwedExam:
    """The truck and its driver owe an exam at this station from now on, due before `due_at`.

    Waits for the decisions on both that are being committed; later ones see what is owed.
    """
    theirs = Credential.objects.filter(
        Q(truck__isnull=False, truck=assignment.truck_id)
        | Q(driver__isnull=False, driver=assignment.driver_id)
    )
    list(theirs.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    exam, _new = OwedExam.objects.update_or_create(
        arrival_id=assignment.arrival_id,
        defaults={
            "port_id": assignment.port_id,
            "truck_id": assignment.truck_id,
            "driver_id": assignment.driver_id,
            "station": station,
            "ordered_by": str(by),
            "ordered_at": at,
            "due_at": due_at,
            "appeared_at": None,
            "settled_by": "",
            "settled_at": None,
        },
    )
    return exam


@transaction.atomic
def note_appearance(*, assignment: Assignment, at: datetime) -> None:
    """The truck is at its station; it owes the exam until that is closed."""
    OwedExam.objects.filter(arrival_id=assignment.arrival_id, appeared_at__isnull=True).update(
        appeared_at=at
    )


@transaction.atomic
def settle_exam(*, assignment: Assignment, by: Actor, at: datetime) -> None:
    """Nothing is owed any more. Harmless where nothing was."""
    OwedExam.objects.filter(arrival_id=assignment.arrival_id, settled_at__isnull=True).update(
        settled_by=str(by), settled_at=at
    )


@transaction.atomic
def count_exam(*, carrier: Carrier, found: bool) -> None:
    """One more exam of this carrier's trucks was closed; `found` is whether it found something."""
    CarrierRecord.objects.get_or_create(carrier=carrier)
    CarrierRecord.objects.filter(carrier=carrier).update(
        exams=F("exams") + 1, findings=F("findings") + int(found)
    )
