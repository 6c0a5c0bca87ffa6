"""Hits: written when an alert meets a filing or an arrival, judged by officers."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.notify import tell_officers
from trustedtruck.accounts.roles import Permission
from trustedtruck.alerts.models import Hit
from trustedtruck.alerts.queries.matching import Match
from trustedtruck.alerts.queries.visible import kept_from
from trustedtruck.alerts.states import HIT, NEW, HitState
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import FieldError, Invalid


class Met(NamedTuple):
    """A match, and the filing or arrival that it was found on."""

    match: Match
    subject_kind: str
    ref: str
    port_code: str


@transaction.atomic
def record_hits(*, met: Iterable[Met], by: Actor, at: datetime) -> list[Hit]:
    """Write those that are new; what was written before stays as officers judged it."""
    wanted = {(m.match.alert_id, m.subject_kind, m.ref): m for m in met}
    if not wanted:
        return []
    rows = [
        Hit(
            alert_id=m.match.alert_id,
            subject_kind=m.subject_kind,
            ref=m.ref,
            port_code=m.port_code,
            signature=m.match.signature,
            matched=[list(value) for value in m.match.matched],
            close=m.match.close,
            state=HIT.check("suspect" if m.match.close else "note", NEW).target,
            at=at,
        )
        for m in wanted.values()
    ]
    Hit.objects.bulk_create(rows, ignore_conflicts=True)
    # Who lost the race to another writer finds that one's row, and tells nothing twice.
    mine = {row.public_id for row in rows}
    made = list(Hit.objects.filter(public_id__in=mine).select_related("alert"))
    for close, step in ((False, HIT["note"]), (True, HIT["suspect"])):
        for port in {hit.port_code for hit in made if hit.close == close}:
            audit.record_many(
                step.action,
                by=by,
                subject_kind="alert_hit",
                subjects={
                    hit.public_id: {
                        "alert": str(hit.alert.public_id),
                        "owner": hit.alert.owner_id,
                        "subject": f"{hit.subject_kind} {hit.ref}",
                    }
                    for hit in made
                    if hit.close == close and hit.port_code == port
                },
                port_code=port,
            )
    _tell(made, by, at)
    return made


def _tell(made: Iterable[Hit], by: Actor, at: datetime) -> None:
    """Who works at the port, and the agency whose alert it is: once for each alert, however many
    trucks or trips it met."""
    alerts = {hit.alert_id: hit.alert for hit in made}
    counts = Counter((hit.alert_id, hit.port_code, hit.subject_kind) for hit in made)
    for (alert_id, port_code, subject_kind), count in counts.items():
        alert = alerts[alert_id]
        tell_officers(
            f"alert_met_{subject_kind}",
            permission=Permission.ALERT_ANSWER,
            at=at,
            port_code=port_code,
            agency=alert.owner_id,
            kept_from=kept_from(alert),
            path="/console/alerts/hits/",
            by=by,
            owner=alert.owner_id,
            instruction=alert.instruction,
            count=count,
        )


@transaction.atomic
def confirm_hit(*, hit: Hit, by: Actor, at: datetime) -> Hit:
    """A possible match is the one that is meant. Raises `TransitionRefused`."""
    return _judge(hit, "confirm", "", by, at)


@transaction.atomic
def dismiss_hit(*, hit: Hit, note: str, by: Actor, at: datetime) -> Hit:
    """Somebody else: the same values of the same carrier no longer match this alert.

    Raises `Invalid` without a note, `TransitionRefused` where the hit is settled.
    """
    if not note.strip():
        raise Invalid(
            (FieldError("note", "required", _("Say how you know that it is somebody else.")),),
            _("Some fields are wrong."),
        )
    return _judge(hit, "dismiss", note.strip(), by, at)


def _judge(hit: Hit, name: str, note: str, by: Actor, at: datetime) -> Hit:
    hit = Hit.objects.select_for_update(of=("self",)).select_related("alert").get(pk=hit.pk)
    step = HIT.check(name, hit.state)
    before, hit.state = hit.state, HitState(step.target)
    hit.judged_by, hit.judged_at = str(by), at
    hit.note = note[:500]
    hit.save(update_fields=["state", "judged_by", "judged_at", "note"])
    audit.record(
        step.action,
        by=by,
        subject_kind="alert_hit",
        subject_id=hit.public_id,
        port_code=hit.port_code,
        data={
            "alert": str(hit.alert.public_id),
            "note": note,
            "before": before,
            "after": hit.state,
        },
    )
    return hit
