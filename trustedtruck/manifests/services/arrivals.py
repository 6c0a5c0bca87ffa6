"""What an arrival at the port does to the trip that it ends."""

import datetime as dt

from django.db import transaction

from trustedtruck.alerts.services.screening import close_filing
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.manifests.models import Trip
from trustedtruck.manifests.states import TRIP


@transaction.atomic
def mark_arrived(*, trip_number: str, by: Actor, at: dt.datetime) -> bool:
    """The truck of this trip reached the port. False where the trip was not open any more.

    For the lanes, after an arrival was assigned; calling it twice does no harm.
    """
    trip = Trip.objects.select_for_update().filter(trip_number=trip_number).first()
    if trip is None or not TRIP["arrive"].allowed_from(trip.state):
        return False
    trip.state = TRIP["arrive"].target
    trip.arrived_at = at
    trip.save(update_fields=["state", "arrived_at"])
    close_filing(ref=trip.trip_number)
    audit.record(
        TRIP["arrive"].action,
        by=by,
        subject_kind="trip",
        subject_id=trip.trip_number,
        port_code=trip.port_code,
    )
    return True
