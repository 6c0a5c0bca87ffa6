"""Every change to a carrier, its fleet and its drivers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier, Driver, Trailer, Truck
from trustedtruck.carriers.states import CARRIER
from trustedtruck.core.errors import FieldError, Invalid, Refused
from trustedtruck.identifiers import (
    caat,
    epc,
    fast_card,
    jurisdiction,
    plate,
    rfc,
    scac,
    usdot,
    vin,
)
from trustedtruck.identifiers.checked import Checked


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


class _Entries:
    """Collects the errors of many fields, so that a caller hears of all of them at once."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def take(self, field: str, text: str, check: Callable[[str], Checked]) -> str:
        checked = check(text)
        self.errors += [
            FieldError(field, e.code, gettext(e.text) % dict(e.params)) for e in checked.errors
        ]
        return checked.value

    def done(self) -> None:
        if self.errors:
            raise Invalid(tuple(self.errors), _("Some fields are wrong."))


@transaction.atomic
def register_carrier(
    *,
    legal_name: str,
    country: str,
    kind: str,
    identifiers: Mapping[str, str],
    by: Actor,
    at: datetime,
) -> Carrier:
    """A company begins its application. `identifiers` has `scac`, and `usdot`, `rfc`, `caat`.

    Raises `Invalid` with every wrong identifier, `Refused` when one is in use already.
    """
    checks = {"scac": scac.check, "usdot": usdot.check, "rfc": rfc.check, "caat": caat.check}
    entries = _Entries()
    values = {
        name: entries.take(name, identifiers[name], check)
        for name, check in checks.items()
        if name == "scac" or identifiers.get(name)
    }
    entries.done()
    carrier = Carrier(
        legal_name=legal_name, country=country, kind=kind, created_at=at, **values
    )
    _insert(lambda: carrier.save(force_insert=True))
    audit.record(
        "carrier.registered",
        by=by,
        subject_kind="carrier",
        subject_id=carrier.pk,
        data={"legal_name": legal_name, **values},
    )
    return carrier


@transaction.atomic
def change_carrier(
    transition: str,
    *,
    carrier: Carrier,
    by: Actor,
    at: datetime,
    reason: str = "",
    tier: int | None = None,
) -> Carrier:
    """One transition of the carrier's table; `certify` needs the tier.

    Locks the carrier's row, so that a lane's decision comes before this change or sees it. Raises
    `TransitionRefused`.
    """
    carrier = Carrier.objects.select_for_update().get(pk=carrier.pk)
    change = CARRIER.check(transition, carrier.state)
    before = carrier.state
    carrier.state = change.target
    if transition == "certify":
        if tier is None:
            raise ValueError("a carrier is certified at a tier")
        carrier.tier, carrier.certified_at = tier, at
    carrier.save(update_fields=["state", "tier", "certified_at"])
    audit.record(
        change.action,
        by=by,
        subject_kind="carrier",
        subject_id=carrier.pk,
        data={"before": before, "after": carrier.state, "tier": carrier.tier, "reason": reason},
    )
    return carrier


@transaction.atomic
def add_trucks(
    *, carrier: Carrier, trucks: Sequence[NewTruck], by: Actor, at: datetime
) -> list[Truck]:
    """Add trucks to a fleet: all of them or, with every error named, none.

    Field paths are `0.vin`, `0.plate_number` and so on, by the position in `trucks`.
    """
    entries = _Entries()
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
    _insert(lambda: Truck.objects.bulk_create(made))
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
    entries = _Entries()
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
    _insert(lambda: Trailer.objects.bulk_create(made))
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
    entries = _Entries()
    made = []
    for index, new in enumerate(drivers):
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
    _insert(lambda: Driver.objects.bulk_create(made))
    # Not the name or the card: an audit event is kept longer than a person's data may be.
    audit.record_many(
        "driver.added",
        by=by,
        subject_kind="driver",
        subjects={d.pk: {"carrier": carrier.pk} for d in made},
    )
    return made


def _insert(write: Callable[[], object]) -> None:
    """Run an insert; a broken unique constraint is a refusal that names the constraint."""
    try:
        with transaction.atomic():
            write()
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        raise Refused(
            "already_in_use",
            _("One of these identifiers is in use already."),
            constraint=constraint or "",
        ) from error
