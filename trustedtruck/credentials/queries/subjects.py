"""Finding what a credential is, or could be, about."""

import uuid

from django.utils.translation import gettext_lazy as _

from trustedtruck.carriers.models import Carrier, Driver, Trailer, Truck
from trustedtruck.core.errors import NotFound


def find_subject(public_id: uuid.UUID) -> Carrier | Driver | Truck | Trailer:
    """The carrier, driver, truck or trailer of this public id, with its carrier.

    Raises `NotFound` (`subject_unknown`).
    """
    found = (
        Truck.objects.select_related("carrier").filter(public_id=public_id).first()
        or Driver.objects.select_related("carrier").filter(public_id=public_id).first()
        or Trailer.objects.select_related("carrier").filter(public_id=public_id).first()
        or Carrier.objects.filter(public_id=public_id).first()
    )
    if found is None:
        raise NotFound("subject_unknown", _("The programme does not know this subject."))
    return found
