"""Patterns: noted once for the same evidence, followed up or closed by officers."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.alerts.models import Finding
from trustedtruck.alerts.states import FINDING, NEW, FindingState
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import FieldError, Invalid


class Pattern(NamedTuple):
    """What was computed: about whom, and the rows that it was computed from.

    `same` is what makes it the same finding on another day, where the evidence also says what goes
    on changing, such as a count.
    """

    pattern: str
    subject: str
    evidence: dict[str, Any]
    port_code: str = ""
    same: Sequence[str] = ()

    @property
    def fingerprint(self) -> str:
        known_by = self.same or self.evidence
        text = json.dumps([self.pattern, self.subject, known_by], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def note_patterns(*, found: Iterable[Pattern], by: Actor, at: datetime) -> int:
    """Write those whose evidence is new. How many."""
    wanted = {one.fingerprint: one for one in found}
    known = set(
        Finding.objects.filter(fingerprint__in=wanted).values_list("fingerprint", flat=True)
    )
    step = FINDING.check("find", NEW)
    rows = [
        Finding(
            pattern=one.pattern,
            subject=one.subject[:120],
            port_code=one.port_code,
            evidence=one.evidence,
            fingerprint=fingerprint,
            state=step.target,
            found_at=at,
        )
        for fingerprint, one in wanted.items()
        if fingerprint not in known
    ]
    Finding.objects.bulk_create(rows, ignore_conflicts=True)
    audit.record_many(
        step.action,
        by=by,
        subject_kind="pattern",
        subjects={row.public_id: {"pattern": row.pattern, "subject": row.subject} for row in rows},
    )
    return len(rows)


@transaction.atomic
def judge_finding(*, finding: Finding, change: str, note: str, by: Actor, at: datetime) -> Finding:
    """`follow` it up or `close` it; closing needs a note. Raises `Invalid`, `TransitionRefused`."""
    if change == "close" and not note.strip():
        raise Invalid(
            (FieldError("note", "required", _("Write the explanation that you found.")),),
            _("Some fields are wrong."),
        )
    finding = Finding.objects.select_for_update().get(pk=finding.pk)
    step = FINDING.check(change, finding.state)
    finding.state, finding.note = FindingState(step.target), note.strip()[:500]
    finding.judged_by, finding.judged_at = str(by), at
    finding.save(update_fields=["state", "note", "judged_by", "judged_at"])
    audit.record(
        step.action,
        by=by,
        subject_kind="pattern",
        subject_id=finding.public_id,
        data={"note": finding.note},
    )
    return finding
