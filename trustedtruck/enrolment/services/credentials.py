"""What a carrier does with its fleet, where credentials follow: issue, change, loss, leaving."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier, Driver, Trailer, Truck
from trustedtruck.carriers.services import upkeep
from trustedtruck.carriers.services.upkeep import Owner
from trustedtruck.carriers.states import CarrierState
from trustedtruck.core.errors import Refused
from trustedtruck.core.work import after_commit
from trustedtruck.credentials.models import BulkJob, Credential
from trustedtruck.credentials.services import reissue, revoke
from trustedtruck.credentials.services.bulk import start_bulk
from trustedtruck.credentials.services.subjects import properties
from trustedtruck.credentials.states import LIVE, CredentialState, Reason

WORK_OFF = "credentials.work_off_bulk_job"


def count_waiting(carrier: Carrier) -> int:
    """How much of the fleet has no living credential."""
    return sum(
        model._default_manager.filter(carrier=carrier, retired_at__isnull=True)
        .exclude(
            pk__in=Credential.objects.filter(
                carrier=carrier, state__in=LIVE, **{f"{field}__isnull": False}
            ).values(field)
        )
        .count()
        for model, field in ((Truck, "truck"), (Driver, "driver"), (Trailer, "trailer"))
    )


@transaction.atomic
def request_for_fleet(*, carrier: Carrier, by: Actor, at: datetime) -> BulkJob:
    """Have a worker issue what has no credential yet.

    Raises `Refused` when nothing waits, the carrier is not certified, or a job runs already.
    """
    if carrier.state != CarrierState.CERTIFIED:
        raise Refused(
            "carrier_not_certified", _("Only a certified carrier can have credentials issued.")
        )
    if count_waiting(carrier) == 0:
        raise Refused("nothing_to_issue", _("Everything in your fleet has its credential."))
    job = start_bulk(carrier=carrier, action=BulkJob.Action.ISSUE, by=by, at=at)
    after_commit(WORK_OFF, job_id=job.pk)
    return job


@dataclass(frozen=True, slots=True)
class Changed:
    """An entry of a fleet as it is now; `credential` is the one that was issued anew for it."""

    owner: Owner
    credential: Credential | None


@transaction.atomic
def change_entry(
    *, owner: Owner, values: Mapping[str, Any], by: Actor, at: datetime, reason: str = ""
) -> Changed:
    """Change a truck, trailer or driver. Where its credential says otherwise now, it is replaced.

    What is suspended is not: a replacement must not be a way out of a suspension. Raises what the
    services of `upkeep` raise.
    """
    rows = type(owner)._default_manager.select_related("carrier")
    owner = rows.select_for_update(of=["self"]).get(pk=owner.pk)
    before = properties(owner, owner.carrier)
    changed = _change(owner, values, by, at)
    if properties(changed, owner.carrier) == before:
        return Changed(changed, None)
    live = _credentials_of(changed).filter(state=CredentialState.ACTIVE).first()
    why = reason or Reason.DATA_CHANGED
    new = reissue(credential=live, by=by, at=at, reason=why) if live else None
    return Changed(changed, new)


def _change(owner: Owner, values: Mapping[str, Any], by: Actor, at: datetime) -> Owner:
    match owner:
        case Truck():
            return upkeep.change_truck(truck=owner, values=values, by=by, at=at)
        case Trailer():
            return upkeep.change_trailer(trailer=owner, values=values, by=by, at=at)
        case Driver():
            return upkeep.change_driver(driver=owner, values=values, by=by, at=at)


@transaction.atomic
def take_out(*, owner: Owner, by: Actor, at: datetime) -> None:
    """It leaves the fleet, and its credential is worth nothing from this commit on.

    Raises `Refused` while the credential is suspended on a ground of its own: it could come back at
    once, with a new one.
    """
    living = list(_credentials_of(owner).filter(state__in=LIVE).select_for_update())
    if any(row.state == CredentialState.SUSPENDED and row.sanction_id is None for row in living):
        raise Refused(
            "credential_suspended",
            _("Its credential is suspended. It can leave your fleet once that is cleared up."),
        )
    upkeep.retire(owner=owner, by=by, at=at)
    left = Reason.NO_LONGER_EMPLOYED if isinstance(owner, Driver) else Reason.NO_LONGER_OWNED
    for credential in living:
        revoke(credential=credential, by=by, at=at, reason=left)


def _credentials_of(owner: Owner) -> QuerySet[Credential]:
    return Credential.objects.filter(**{type(owner).__name__.lower(): owner})


@transaction.atomic
def replace_tag(*, truck: Truck, tag_epc: str, reason: str, by: Actor, at: datetime) -> Changed:
    """A new tag in place of a lost, stolen or broken one; the credential is issued anew with it.

    The old tag is worth nothing from this commit on.
    """
    if reason not in (Reason.LOST, Reason.STOLEN, Reason.DAMAGED):
        raise Refused("reason_unknown", _("Say whether the tag was lost, stolen or damaged."))
    values = {
        "number": truck.number,
        "plate_number": truck.plate_number,
        "plate_jurisdiction": truck.plate_jurisdiction,
        "tag_epc": tag_epc,
    }
    return change_entry(owner=truck, values=values, by=by, at=at, reason=reason)
