"""Telling carriers which of their credentials stopped being valid, whoever caused it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Max

from trustedtruck.carriers.models import Carrier, Notice
from trustedtruck.carriers.services.notify import tell
from trustedtruck.credentials.models import Credential
from trustedtruck.credentials.states import CredentialState

CODE = "credentials_changed"
# Changes that are still being committed are told of by the next look.
SETTLED = timedelta(seconds=10)
FIRST_LOOK = timedelta(days=1)
ENDED = (CredentialState.SUSPENDED, CredentialState.REVOKED, CredentialState.EXPIRED)


@transaction.atomic
def announce(*, at: datetime) -> int:
    """One notice for each carrier with credentials that ended since the last look.

    The time of a notice is the end of the period it tells of: the next period begins there.
    """
    until = at - SETTLED
    last = Notice.objects.filter(code=CODE).aggregate(last=Max("at"))["last"]
    counts = dict(
        Credential.objects.filter(
            state__in=ENDED, changed_at__gt=last or until - FIRST_LOOK, changed_at__lte=until
        )
        .values_list("carrier_id")
        .annotate(count=Count("pk"))
    )
    for carrier in Carrier.objects.filter(pk__in=counts):
        tell(CODE, carrier=carrier, at=until, path="/portal/credentials/", count=counts[carrier.pk])
    return len(counts)
