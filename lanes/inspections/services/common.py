"""What all services of inspections need: the locked row, and the change with its event."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lanes.inspections.models import Inspection
from lanes.inspections.states import INSPECTION
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import FieldError, Invalid, NotFound, Text

NOTE_LIMIT = 2000


def lock(inspection_id: uuid.UUID, port_code: str) -> Inspection:
    """The inspection of this port, locked until the change commits. Raises `NotFound`."""
    found = (
        Inspection.objects.select_for_update(of=["self"])
        .select_related("assignment", "station", "carrier", "port")
        .filter(pk=inspection_id, port=port_code)
        .first()
    )
    if found is None:
        raise NotFound("inspection_unknown", _("There is no such inspection at this port."))
    return found


def written(field: str, text: str, *, limit: int = NOTE_LIMIT) -> str:
    """A text that must be there. Raises `Invalid`."""
    found = text.strip()
    if not found or len(found) > limit:
        text = _("Write why, in at most %(limit)d characters.") % {"limit": limit}
        raise wrong(field, "required", text)
    return found


def wrong(field: str, code: str, text: Text) -> Invalid:
    return Invalid((FieldError(field, code, text),), _("Some fields are wrong."))


def change(inspection: Inspection, name: str, *, by: Actor, at: datetime, **data: Any) -> None:
    """One transition of a locked inspection, saved with its event. Raises `TransitionRefused`."""
    assert transaction.get_connection().in_atomic_block  # noqa: S101 - the lock would be none
    transition = INSPECTION.check(name, inspection.state)
    before, inspection.state = inspection.state, transition.target
    inspection.save()
    record(transition.action, inspection, by, before=before, after=inspection.state, **data)


def record(action: str, inspection: Inspection, by: Actor, **data: Any) -> None:
    audit.record(
        action,
        by=by,
        subject_kind="inspection",
        subject_id=inspection.pk,
        port_code=inspection.port_id,
        data={"arrival": str(inspection.assignment_id), **data},
    )
