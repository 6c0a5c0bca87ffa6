"""A task for each arrival, with a query for each question."""

from celery import shared_task
from django.utils import timezone

from lanes.benchmarks.yardstick.models import Report
from trustedtruck.carriers.models import Truck
from trustedtruck.credentials.models import Credential
from trustedtruck.manifests.models import Seal, Trip


@shared_task
def noop() -> None:
    """What Celery itself costs."""


@shared_task
def decide(report_id: int) -> dict[str, object]:
    """The truck with its carrier, its credential, its trip, the seals; then the route is saved."""
    report = Report.objects.get(pk=report_id)
    reasons = []
    truck = Truck.objects.select_related("carrier").filter(tag_epc=report.tag_epc).first()
    if truck is None:
        reasons.append("truck_unknown")
    elif truck.carrier.state != "certified":
        reasons.append("carrier_not_certified")
    credential = Credential.objects.filter(truck=truck).order_by("-pk").first() if truck else None
    if credential is None or credential.state != "active":
        reasons.append("credential_invalid")
    elif not credential.valid_from <= timezone.now() < credential.valid_until:
        reasons.append("credential_expired")
    trip = Trip.objects.filter(trip_number=report.trip_number).first()
    if trip is None or trip.state != "filed":
        reasons.append("manifest_missing")
    else:
        seals = set(Seal.objects.filter(trip=trip).values_list("number", flat=True))
        if seals != set(report.seals):
            reasons.append("seals_disagree")
    report.route = "inspection" if reasons else "fast"
    report.reasons = reasons
    report.save(update_fields=["route", "reasons"])
    return {"route": report.route, "reasons": reasons}
