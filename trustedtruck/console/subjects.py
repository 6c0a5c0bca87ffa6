"""Everything that is kept about one person, for that person."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model

from lanes.models import Assignment
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.audit.models import Event
from trustedtruck.carriers.models import Document, Driver
from trustedtruck.credentials.models import Credential
from trustedtruck.manifests.models import CrewMember

# What belongs to the programme's own working, and says nothing about the person.
_OURS = {"id", "status_list", "status_index", "sanction", "changed_xid", "kid", "replaces"}


@transaction.atomic
def export_subject(*, driver: Driver, by: Actor, at: datetime) -> dict[str, Any]:
    """The driver's own row, papers, credentials, crossings, crew entries, and who looked.

    The export is an event of the audit itself.
    """
    crew = CrewMember.objects.none()
    if driver.fast_card:
        crew = CrewMember.objects.filter(fast_card=driver.fast_card).select_related("trip")
    crossings = Assignment.objects.filter(driver=driver).select_related("arrival", "lane")
    looks = Event.objects.filter(subject_kind="driver", subject_id=str(driver.pk)).order_by("id")
    body = {
        "made_at": at.isoformat(),
        "driver": _plain(driver) | {"carrier": driver.carrier.legal_name},
        "documents": [_plain(row) for row in Document.objects.filter(driver=driver)],
        "credentials": [_plain(row) for row in Credential.objects.filter(driver=driver)],
        "crossings": [
            {
                "at": row.decided_at.isoformat(),
                "port": row.port_id,
                "route": row.route,
                "lane": row.lane.code if row.lane else None,
                "reasons": row.reasons,
            }
            for row in crossings.order_by("decided_at")
        ],
        "trips": [_plain(row) | {"trip": row.trip.trip_number} for row in crew],
        "events": [
            {"at": event.at.isoformat(), "action": event.action, "by": event.actor_kind}
            for event in looks
        ],
    }
    audit.record("personal_data.exported", by=by, subject_kind="driver", subject_id=driver.pk)
    return body


def _plain(row: Model) -> dict[str, Any]:
    """The row's own values under their names; relations are told by whoever asks."""
    return {
        field.name: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in _OURS and not field.is_relation
    }
