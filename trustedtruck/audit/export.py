"""An export of the audit is an event of its own."""

from django.db import transaction

from trustedtruck.audit import services
from trustedtruck.audit.actors import Actor


@transaction.atomic
def note_export(*, by: Actor, query: str) -> None:
    services.record(
        "audit.exported", by=by, subject_kind="audit", subject_id="-", data={"query": query}
    )
