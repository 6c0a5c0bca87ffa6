"""Looking at personal data leaves a trace, too."""

from collections.abc import Iterable

from django.db import transaction

from trustedtruck.audit import services
from trustedtruck.audit.actors import Actor


@transaction.atomic
def note_view(
    *, subject_kind: str, subjects: Iterable[object], by: Actor, port_code: str = ""
) -> None:
    """One event for each person whose data a page showed."""
    services.record_many(
        "personal_data.viewed",
        by=by,
        subject_kind=subject_kind,
        subjects={subject: {} for subject in subjects},
        port_code=port_code,
    )


@transaction.atomic
def note_search(*, by: Actor, port_code: str = "") -> None:
    """That somebody was searched for, without the name that was typed."""
    services.record(
        "personal_data.searched", by=by, subject_kind="driver", subject_id="-", port_code=port_code
    )
