"""Alerts as services and tasks look for them."""

from datetime import datetime

from django.db.models import QuerySet

from trustedtruck.alerts.models import Alert
from trustedtruck.alerts.states import AlertState


def unmatched(at: datetime) -> QuerySet[Alert]:
    """In force, and the trucks that are here have not been looked at yet."""
    return Alert.objects.filter(
        state=AlertState.ACTIVE, matched_at__isnull=True, valid_from__lte=at
    )
