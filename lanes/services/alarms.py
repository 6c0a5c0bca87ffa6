"""Alarms: raised by what was noticed, closed by one officer with a note."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lanes.models import Alarm
from trustedtruck.accounts.notify import tell_officers
from trustedtruck.accounts.roles import Permission
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import FieldError, Invalid, Refused


@transaction.atomic
def raise_alarm(
    *,
    kind: str,
    arrival_id: uuid.UUID,
    port_code: str,
    data: Mapping[str, Any] | None = None,
    by: Actor,
    at: datetime,
) -> Alarm:
    """Tell the officers of a port; every open board shows it at once."""
    alarm = Alarm.objects.create(
        port_id=port_code, kind=kind, arrival_id=arrival_id, data=dict(data or {})
    )
    audit.record(
        "alarm.raised",
        by=by,
        subject_kind="alarm",
        subject_id=alarm.pk,
        port_code=port_code,
        data={"kind": alarm.kind, "arrival": str(arrival_id)},
    )
    tell_officers(
        "alarm_raised",
        permission=Permission.ALARM_CLOSE,
        at=at,
        port_code=port_code,
        path=f"/console/ports/{port_code}/alarms/",
        kind=alarm.kind,
    )
    return alarm


@transaction.atomic
def close_alarm(*, alarm: Alarm, note: str, by: Actor, at: datetime) -> Alarm:
    """Raises `Invalid` without a note, `Refused` when another officer was faster."""
    if not note.strip():
        raise Invalid(
            (FieldError("note", "required", _("Write what you found.")),),
            _("Some fields are wrong."),
        )
    alarm = Alarm.objects.select_for_update().get(pk=alarm.pk)
    if alarm.closed_at is not None:
        raise Refused("alarm_closed_already", _("Another officer has closed this alarm."))
    alarm.closed_by, alarm.closed_at, alarm.note = str(by), at, note.strip()
    alarm.save(update_fields=["closed_by", "closed_at", "note"])
    audit.record(
        "alarm.closed",
        by=by,
        subject_kind="alarm",
        subject_id=alarm.pk,
        port_code=alarm.port_id,
        data={"kind": alarm.kind, "note": alarm.note, "arrival": str(alarm.arrival_id)},
    )
    return alarm
