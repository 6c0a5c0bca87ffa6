"""A certified carrier's own requests: credentials for its fleet, and a tag that was lost."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier, Driver, Trailer, Truck
from trustedtruck.carriers.services.notify import tell
from trustedtruck.carriers.services.upkeep import change_truck
from trustedtruck.core.errors import Refused
from trustedtruck.credentials.models import Credential
from trustedtruck.credentials.services import issue_credentials, reissue
from trustedtruck.credentials.states import LIVE, CredentialState, Reason

Subject = Truck | Trailer | Driver
MOST_AT_ONCE = 500


def waiting(carrier: Carrier) -> list[Subject]:
    """What of the fleet has no living credential, `MOST_AT_ONCE` at most, trucks first."""
    found: list[Subject] = []
    for model, field in ((Truck, "truck"), (Driver, "driver"), (Trailer, "trailer")):
        living = Credential.objects.filter(
            carrier=carrier, state__in=LIVE, **{f"{field}__isnull": False}
        ).values(field)
        rows = (
            model._default_manager.filter(carrier=carrier, retired_at__isnull=True)
            .exclude(pk__in=living)
            .order_by("pk")[: MOST_AT_ONCE - len(found)]
        )
        found += list(rows)
    return found


@transaction.atomic
def issue_waiting(*, carrier: Carrier, by: Actor, at: datetime) -> int:
    """Issue what waits, all of it or none; how many there were.

    Raises `Refused` when nothing waits, or the carrier is not certified.
    """
    subjects: Sequence[Subject] = waiting(carrier)
    if not subjects:
        raise Refused("nothing_to_issue", _("Everything in your fleet has its credential."))
    made = issue_credentials(subjects, by=by, at=at)
    tell(
        "credentials_issued",
        carrier=carrier,
        at=at,
        path="/portal/credentials/",
        count=len(made),
    )
    return len(made)


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
