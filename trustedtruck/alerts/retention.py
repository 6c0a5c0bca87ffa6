"""Who was named in alerts that are over, in hits, and in what was exchanged with partners."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from trustedtruck.alerts.models import Alert, Criterion, Feedback, Hit, Inbound, Release, Seizure
from trustedtruck.audit.retention import Kind

# An alert without criteria is one whose time has passed: it cannot be renewed.
GONE = "-"


def _alerts(before: datetime, limit: int) -> int:
    over = Alert.objects.filter(ended_at__lt=before, criteria__isnull=False).distinct()
    found = list(over.order_by("pk").values_list("pk", flat=True)[:limit])
    Criterion.objects.filter(alert__in=found).delete()
    Feedback.objects.filter(alert__in=found).update(note="")
    Seizure.objects.filter(feedback__alert__in=found).update(note="")
    return Alert.objects.filter(pk__in=found).update(reason=GONE)


def _hits(before: datetime, limit: int) -> int:
    old = Hit.objects.filter(at__lt=before, matched__isnull=False)
    found = list(old.order_by("pk").values_list("pk", flat=True)[:limit])
    return Hit.objects.filter(pk__in=found).update(matched=None)


def _exchanged(before: datetime, limit: int) -> int:
    """What waits for an officer, and what a partner can still read, stay."""
    decided = Inbound.objects.filter(decided_at__lt=before, body__isnull=False)
    found = list(decided.order_by("pk").values_list("pk", flat=True)[:limit])
    done = Inbound.objects.filter(pk__in=found).update(body=None)
    unreadable = Q(agreement__ended_at__lt=before) & ~Q(kind=Release.Kind.RECALL)
    gone = Release.objects.filter(Q(gone_at__lt=before) | unreadable, payload__isnull=False)
    found = list(gone.order_by("pk").values_list("pk", flat=True)[: limit - done])
    return done + Release.objects.filter(pk__in=found).update(payload=None)


KINDS = [
    Kind(
        "alerts",
        _("What an alert that ended was on, its reason and the notes on it go; that it was stays."),
        _alerts,
    ),
    Kind(
        "hits", _("What an alert met goes; that it met a truck, and what came of it, stay."), _hits
    ),
    Kind(
        "exchanged",
        _("Messages of partners and copies that they can no longer read go; that they were stays."),
        _exchanged,
    ),
]
