"""Whose key it is: a carrier's, which files for itself, or a device's, which files at its port."""

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from trustedtruck.accounts.models import MachineKey
from trustedtruck.carriers.models import Carrier
from trustedtruck.manifests.services.intake import Sender


class NoFiler(PermissionDenied):
    default_detail = _("Only a carrier or a port can do this.")
    default_code = "not_a_filer"


def sender_of(request: Request) -> Sender:
    """The sender of a request; `NoFiler` for the key of a partner agency."""
    key = request.auth
    if isinstance(key, MachineKey):
        if key.carrier_id is not None:
            carrier = Carrier.objects.filter(pk=key.carrier_id).first()
            if carrier is not None:
                return Sender(key.actor, carrier=carrier)
        elif key.device is not None:
            return Sender(key.actor, port_code=key.device.port_code)
    raise NoFiler
