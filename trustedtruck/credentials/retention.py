"""Credentials of drivers, once they have been over for long: their texts name the holder."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from trustedtruck.audit.retention import Kind
from trustedtruck.credentials.models import Credential, WalletOffer
from trustedtruck.credentials.states import LIVE


def _credentials(before: datetime, limit: int) -> int:
    over = Credential.objects.filter(kind="driver", valid_until__lt=before).exclude(qr="")
    found = list(over.exclude(state__in=LIVE).values_list("pk", flat=True)[:limit])
    WalletOffer.objects.filter(credential__in=found).delete()
    return Credential.objects.filter(pk__in=found).update(vc_jwt="", qr="")


KINDS = [
    Kind(
        "credentials",
        _("The signed text of a driver’s credential goes; its number and states stay."),
        _credentials,
    )
]
