"""A certified carrier's own requests: credentials for its fleet, and a tag that was lost."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier, Driver, Trailer, Truck
from trustedtruck.carriers.services.upkeep import change_truck
from trustedtruck.carriers.states import CarrierState
from trustedtruck.core.errors import Refused
from trustedtruck.core.work import after_commit
from trustedtruck.credentials.models import BulkJob, Credential
from trustedtruck.credentials.services import reissue
from trustedtruck.credentials.services.bulk import start_bulk
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


@transaction.atomic
def replace_tag(
    *, truck: Truck, tag_epc: str, reason: str, by: Actor, at: datetime
) -> Credential | None:
    """A new tag in place of a lost, stolen or broken one; the credential is issued anew with it.

    The old tag is worth nothing from this commit on. Returns the new credential, if there was one.
    """
    if reason not in (Reason.LOST, Reason.STOLEN, Reason.DAMAGED):
        raise Refused("reason_unknown", _("Say whether the tag was lost, stolen or damaged."))
    values = {
        "number": truck.number,
        "plate_number": truck.plate_number,
        "plate_jurisdiction": truck.plate_jurisdiction,
        "tag_epc": tag_epc,
    }
    changed = change_truck(truck=truck, values=values, by=by, at=at)
    live = Credential.objects.filter(truck=changed, state=CredentialState.ACTIVE).first()
    return reissue(credential=live, by=by, at=at, reason=reason) if live else None
