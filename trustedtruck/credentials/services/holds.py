"""Holds: officers' orders that the lanes inspect a subject until the hold is lifted."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier
from trustedtruck.credentials.models import Credential, Hold


@transaction.atomic
def place_hold(*, credential: Credential, note: str, by: Actor, at: datetime) -> Hold:
    """The lanes inspect this credential's subject until the hold is lifted.

    Waits for the decisions on the subject that are being committed; later ones see the hold. It
    stands on the newest credential of the subject: a lane that is cut off knows no older one.
    """
    # Whoever issues holds the carrier as well: either there is the new credential already, or it
    # takes the hold over.
    list(
        Carrier.objects.select_for_update(no_key=True)
        .filter(pk=credential.carrier_id)
        .values_list("pk")
    )
    same = Credential.objects.filter(**dict(zip(_SUBJECT, _subject(credential), strict=True)))
    list(same.order_by("pk").select_for_update().values_list("pk"))
    hold = Hold.objects.create(credential=same.order_by("pk").latest("pk"), note=note, placed_at=at)
    _record("hold.placed", hold, by)
    return hold


@transaction.atomic
def lift_hold(*, hold: Hold, by: Actor, at: datetime) -> Hold:
    """The lanes take the credential again, from the next bundle on; of a lifted one nothing
    changes."""
    hold = Hold.objects.select_for_update().get(pk=hold.pk)
    if hold.lifted_at is None:
        hold.lifted_at = at
        hold.save(update_fields=["lifted_at"])
        _record("hold.lifted", hold, by)
    return hold


def take_over(made: Sequence[Credential]) -> None:
    """Holds on the subjects of new credentials follow to these, within their issue."""
    newest = {_subject(row): row for row in made}
    open_ones = Hold.objects.filter(
        lifted_at__isnull=True, credential__carrier__in={row.carrier_id for row in made}
    )
    locked = open_ones.order_by("pk").select_for_update(of=["self"])
    for hold in locked.select_related("credential"):
        if row := newest.get(_subject(hold.credential)):
            hold.credential = row
            hold.save(update_fields=["credential"])


_SUBJECT = ("kind", "carrier_id", "driver_id", "truck_id", "trailer_id")


def _subject(credential: Credential) -> tuple[object, ...]:
    return tuple(getattr(credential, name) for name in _SUBJECT)


def _record(action: str, hold: Hold, by: Actor) -> None:
    audit.record(
        action,
        by=by,
        subject_kind="credential",
        subject_id=hold.credential_id,
        data={"hold": hold.pk, "note": hold.note},
    )
