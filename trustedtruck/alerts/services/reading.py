"""That a partner read what was released to it leaves a trace."""

from datetime import datetime

from django.db import transaction

from trustedtruck.alerts.models import Partner
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor


@transaction.atomic
def note_reading(
    *, partner: Partner, form: str, first: int, last: int, count: int, by: Actor, at: datetime
) -> None:
    """One event for one page: from which release to which, and in which form."""
    if count:
        audit.record(
            "release.read",
            by=by,
            subject_kind="agency",
            subject_id=partner.pk,
            data={"form": form, "first": first, "last": last, "count": count},
        )
