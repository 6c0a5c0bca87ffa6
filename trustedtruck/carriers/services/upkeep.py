"""Changes to trucks, trailers and drivers that are in the fleet already."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Driver, Trailer, Truck
from trustedtruck.carriers.services.entries import Entries, insert
from trustedtruck.core.errors import Refused
from trustedtruck.identifiers import epc, fast_card, jurisdiction, plate

Owner = Truck | Trailer | Driver


def check_user_can_change(owner: Owner) -> None:
    """What has left the fleet stays as it was: credentials and crossings point at it."""
    if owner.retired_at is not None:
        raise Refused("retired", _("This has left your fleet and can no longer be changed."))


@transaction.atomic
def change_truck(*, truck: Truck, values: Mapping[str, str], by: Actor, at: datetime) -> Truck:
    """Change number, plate and tag. The VIN stays: another VIN is another truck."""
    truck = Truck.objects.select_for_update().get(pk=truck.pk)
    check_user_can_change(truck)
    entries = Entries()
    truck.number = entries.need("number", values["number"])
    _plate(truck, values, entries)
    tag = values.get("tag_epc", "").strip()
    truck.tag_epc = entries.take("tag_epc", tag, epc.check) if tag else None
    entries.done()
    insert(truck.save)
    _record("truck.changed", truck, by, number=truck.number, tag=truck.tag_epc)
    return truck


@transaction.atomic
def change_trailer(
    *, trailer: Trailer, values: Mapping[str, str], by: Actor, at: datetime
) -> Trailer:
    """Change number and plate. Raises `Invalid` with every wrong field."""
    trailer = Trailer.objects.select_for_update().get(pk=trailer.pk)
    check_user_can_change(trailer)
    entries = Entries()
    trailer.number = entries.need("number", values["number"])
    _plate(trailer, values, entries)
    entries.done()
    insert(trailer.save)
    _record("trailer.changed", trailer, by, number=trailer.number)
    return trailer


@transaction.atomic
def change_driver(*, driver: Driver, values: Mapping[str, Any], by: Actor, at: datetime) -> Driver:
    """Change citizenship and FAST card. Name and birth date stay: they are who the person is."""
    driver = Driver.objects.select_for_update().get(pk=driver.pk)
    check_user_can_change(driver)
    entries = Entries()
    driver.citizenship = entries.need("citizenship", values["citizenship"])
    card = str(values.get("fast_card") or "").strip()
    ends: date | None = values.get("fast_card_expires_date")
    driver.fast_card = entries.take("fast_card", card, fast_card.check) if card else None
    driver.fast_card_expires_date = ends if card else None
    if card and ends is None:
        entries.wrong(
            "fast_card_expires_date", "required", _("Give the date on which the FAST card ends.")
        )
    entries.done()
    insert(driver.save)
    _record("driver.changed", driver, by)
    return driver


@transaction.atomic
def retire(*, owner: Owner, by: Actor, at: datetime) -> None:
    """Take it out of the fleet; its identifiers become free for others."""
    owner = type(owner)._default_manager.select_for_update().get(pk=owner.pk)
    check_user_can_change(owner)
    owner.retired_at = at
    owner.save(update_fields=["retired_at"])
    _record(f"{type(owner).__name__.lower()}.retired", owner, by)


def _plate(owner: Truck | Trailer, values: Mapping[str, str], entries: Entries) -> None:
    owner.plate_number = entries.take("plate_number", values["plate_number"], plate.check)
    owner.plate_jurisdiction = entries.take(
        "plate_jurisdiction", values["plate_jurisdiction"], jurisdiction.check
    )


def _record(action: str, owner: Owner, by: Actor, **data: object) -> None:
    audit.record(
        action,
        by=by,
        subject_kind=type(owner).__name__.lower(),
        subject_id=owner.pk,
        data={"carrier": owner.carrier_id, **data},
    )
