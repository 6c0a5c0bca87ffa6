"""Trucks, trailers and drivers: added, changed, retired."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier, Driver, Trailer, Truck
from trustedtruck.carriers.services.entries import Entries, insert
from trustedtruck.core.errors import FieldError
from trustedtruck.identifiers import epc, fast_card, jurisdiction, plate, vin


@dataclass(frozen=True, slots=True)
class NewTruck:
    """A truck as a carrier enters it. `tag_epc` may come later."""

    number: str
    vin: str
    plate_number: str
    plate_jurisdiction: str
    tag_epc: str = ""


@dataclass(frozen=True, slots=True)
class NewTrailer:
    number: str
    plate_number: str
    plate_jurisdiction: str


@dataclass(frozen=True, slots=True)
class NewDriver:
    given_names: str
    family_names: str
    birth_date: date
    citizenship: str
    fast_card: str = ""
    fast_card_expires_date: date | None = None


@transaction.atomic
def add_trucks(
    *, carrier: Carrier, trucks: Sequence[NewTruck], by: Actor, at: datetime
) -> list[Truck]:
    """Add trucks to a fleet: all of them or, with every error named, none.

    Field paths are `0.vin`, `0.plate_number` and so on, by the position in `trucks`.
    """
    entries = Entries()
    made = [
        Truck(
            carrier=carrier,
            number=new.number,
            vin=entries.take(f"{index}.vin", new.vin, vin.check),
            plate_number=entries.take(f"{index}.plate_number", new.plate_number, plate.check),
            plate_jurisdiction=entries.take(
                f"{index}.plate_jurisdiction", new.plate_jurisdiction, jurisdiction.check
            ),
            tag_epc=(
                entries.take(f"{index}.tag_epc", new.tag_epc, epc.check) if new.tag_epc else None
            ),
            created_at=at,
        )
        for index, new in enumerate(trucks)
    ]
    entries.done()
    insert(lambda: Truck.objects.bulk_create(made))
    audit.record_many(
        "truck.added",
        by=by,
        subject_kind="truck",
        subjects={
            t.pk: {"carrier": carrier.pk, "number": t.number, "vin": t.vin, "tag": t.tag_epc}
            for t in made
        },
    )
    return made


@transaction.atomic
def add_trailers(
    *, carrier: Carrier, trailers: Sequence[NewTrailer], by: Actor, at: datetime
) -> list[Trailer]:
    """Add trailers to a fleet, all or none; see `add_trucks`."""
    entries = Entries()
    made = [
        Trailer(
            carrier=carrier,
            number=new.number,
            plate_number=entries.take(f"{index}.plate_number", new.plate_number, plate.check),
            plate_jurisdiction=entries.take(
                f"{index}.plate_jurisdiction", new.plate_jurisdiction, jurisdiction.check
            ),
            created_at=at,
        )
        for index, new in enumerate(trailers)
    ]
    entries.done()
    insert(lambda: Trailer.objects.bulk_create(made))
    audit.record_many(
        "trailer.added",
        by=by,
        subject_kind="trailer",
        subjects={t.pk: {"carrier": carrier.pk, "number": t.number} for t in made},
    )
    return made


@transaction.atomic
def add_drivers(
    *, carrier: Carrier, drivers: Sequence[NewDriver], by: Actor, at: datetime
) -> list[Driver]:
    """Add drivers, all or none; see `add_trucks`. A FAST card needs the date on which it ends."""
    entries = Entries()
    made = []
    for index, new in enumerate(drivers):
        if new.birth_date >= at.date():
            entries.wrong(f"{index}.birth_date", "future", _("This day is still to come."))
        card = None
        if new.fast_card:
            card = entries.take(f"{index}.fast_card", new.fast_card, fast_card.check)
            if new.fast_card_expires_date is None:
                entries.errors.append(
                    FieldError(
                        f"{index}.fast_card_expires_date",
                        "required",
                        _("Give the date on which the FAST card ends."),
                    )
                )
        made.append(
            Driver(
                carrier=carrier,
                given_names=new.given_names,
                family_names=new.family_names,
                birth_date=new.birth_date,
                citizenship=new.citizenship,
                fast_card=card,
                fast_card_expires_date=new.fast_card_expires_date if card else None,
                created_at=at,
            )
        )
    entries.done()
    insert(lambda: Driver.objects.bulk_create(made))
    # Not the name or the card: an audit event is kept longer than a person's data may be.
    audit.record_many(
        "driver.added",
        by=by,
        subject_kind="driver",
        subjects={d.pk: {"carrier": carrier.pk} for d in made},
    )
    return made
