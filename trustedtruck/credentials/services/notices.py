"""Telling carriers what became of their credentials, within the change that it tells of."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from trustedtruck.carriers.models import Carrier
from trustedtruck.carriers.services.notify import tell
from trustedtruck.core.transitions import Transition


def tell_carriers(
    change: Transition, carrier_ids: Iterable[int], *, at: datetime, reason: str
) -> None:
    """One notice for each carrier, with the number of its credentials that changed. `carrier_ids`
    has one entry for each credential; whether anybody is told stands in the table."""
    if change.notify != "carrier":
        return
    counts = Counter(carrier_ids)
    for carrier in Carrier.objects.filter(pk__in=counts).order_by("pk"):
        tell(
            change.action.replace(".", "_"),
            carrier=carrier,
            at=at,
            path="/portal/credentials/",
            count=counts[carrier.pk],
            reason=reason,
        )
