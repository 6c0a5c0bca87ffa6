"""The state of a page of trucks, trailers or drivers, in one query however many there are."""

from collections.abc import Sequence
from typing import Any

from trustedtruck.carriers.models import Driver, Trailer, Truck
from trustedtruck.credentials.models import Credential
from trustedtruck.credentials.states import LIVE

_FIELD = {"trucks": "truck", "trailers": "trailer", "drivers": "driver"}


def attach_state(kind: str, rows: Sequence[Any]) -> None:
    """Set `credential` on each row: its living credential, or None."""
    field = _FIELD[kind]
    living = {
        getattr(found, f"{field}_id"): found
        for found in Credential.objects.filter(
            state__in=LIVE, **{f"{field}__in": [row.pk for row in rows]}
        ).defer("qr", "vc_jwt")
    }
    for row in rows:
        row.credential = living.get(row.pk)


def newest_credential(row: Truck | Trailer | Driver) -> Credential | None:
    return row.credentials.order_by("-issued_at", "-pk").first()
