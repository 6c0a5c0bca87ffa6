"""Which credentials a key holder may see."""

import uuid

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from trustedtruck.accounts.models import MachineKey
from trustedtruck.carriers.models import Carrier
from trustedtruck.core.errors import NotFound
from trustedtruck.credentials.models import Credential


def may_see(request: Request, carrier_id: int) -> bool:
    """An agency sees all, a carrier its own, a device at a gate none."""
    key = request.auth
    if not isinstance(key, MachineKey):
        return False
    return key.agency_id is not None or key.carrier_id == carrier_id


def check_not_a_carrier(request: Request) -> None:
    """The lane bundle names every carrier's tags: it is for ports and agencies.

    Raises `PermissionDenied`.
    """
    if isinstance(request.auth, MachineKey) and request.auth.carrier_id is not None:
        raise PermissionDenied


def visible_credential(request: Request, public_id: uuid.UUID) -> Credential:
    """Raises `NotFound`, for another's as for none."""
    row = (
        Credential.objects.select_related("carrier", "driver", "truck", "trailer")
        .filter(public_id=public_id)
        .first()
    )
    if row is None or not may_see(request, row.carrier_id):
        raise NotFound("credential_unknown", _("There is no such credential."))
    return row


def visible_carrier(request: Request, public_id: uuid.UUID) -> Carrier:
    row = Carrier.objects.filter(public_id=public_id).first()
    if row is None or not may_see(request, row.pk):
        raise NotFound("carrier_unknown", _("There is no such carrier."))
    return row
