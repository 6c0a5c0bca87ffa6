"""Drivers who left, invitations and files that came to nothing, messages to carriers' systems."""

from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit.actors import system
from trustedtruck.audit.retention import Kind, delete_some
from trustedtruck.carriers.models import Document, Driver, ImportJob, Invitation, WebhookDelivery
from trustedtruck.carriers.services import imports
from trustedtruck.carriers.services.documents import forget_files
from trustedtruck.carriers.states import ImportState

# A driver without a name is one whose time has passed.
NOBODY = date(1900, 1, 1)


def _drivers(before: datetime, limit: int) -> int:
    left = Driver.objects.filter(retired_at__lt=before).exclude(name_marks=[])
    found = list(left.select_for_update().order_by("pk")[:limit])
    for driver in found:
        driver.given_names = driver.family_names = ""
        driver.birth_date = NOBODY
        driver.fast_card = driver.fast_card_expires_date = None
        driver.save()
    papers = Document.objects.filter(driver__in=found)
    files = list(papers.values_list("file_sha256", flat=True))
    papers.delete()
    forget_files(files)
    return len(found)


def _invitations(before: datetime, limit: int) -> int:
    over = Q(withdrawn_at__lt=before) | Q(expires_at__lt=before) | Q(accepted_at__lt=before)
    return delete_some(Invitation.objects.filter(over), limit)


def _imports(before: datetime, limit: int) -> int:
    """Nobody has confirmed or discarded them."""
    waiting = [ImportState.CHECKING, ImportState.READY, ImportState.FAULTY]
    left = ImportJob.objects.filter(uploaded_at__lt=before, state__in=waiting).order_by("pk")
    found = list(left.select_related("carrier")[:limit])
    for job in found:
        imports.drop(job=job, by=system("retention"), at=timezone.now())
    return len(found)


def _deliveries(before: datetime, limit: int) -> int:
    old = WebhookDelivery.objects.filter(created_at__lt=before)
    return delete_some(old.exclude(state="waiting", endpoint__ended_at__isnull=True), limit)


KINDS = [
    Kind(
        "drivers",
        _("Name, birth date, card and papers of a driver who left go; the crossings stay."),
        _drivers,
    ),
    Kind("invitations", _("Addresses that were invited to a carrier’s portal go."), _invitations),
    Kind(
        "imports",
        _("Files of a fleet that nobody confirmed go; that they were sent stays."),
        _imports,
    ),
    Kind("deliveries", _("Messages to carriers’ own systems go."), _deliveries),
]
