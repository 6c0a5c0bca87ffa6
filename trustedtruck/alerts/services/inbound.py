"""Messages of partners: kept as they came, taken in by a rule of an agreement or by an officer.

One partner's messages are handled one after the other, behind a lock of its own. Many at once are
all taken or none is.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.notify import tell_officers
from trustedtruck.accounts.roles import Permission
from trustedtruck.alerts import wire
from trustedtruck.alerts.drafts import checked
from trustedtruck.alerts.models import Alert, Inbound, Partner, Release
from trustedtruck.alerts.services.release import agreements_in_force
from trustedtruck.alerts.services.taking_in import TAKE, feedback_of, warning_of
from trustedtruck.alerts.states import INBOUND, NEW, AlertState, InboundState
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import DomainError, FieldError, Invalid, Refused

_LOCK = 7_215_703
MINUTE = timedelta(minutes=1)
MAX_MESSAGES = 500


@dataclass(frozen=True, slots=True)
class Sent:
    """One message with the id of its sending; `path` is where it stood, for its errors."""

    message_id: str
    body: dict[str, Any]
    path: str = ""


class TooMany(DomainError):
    """The partner sends more than was agreed."""

    def __init__(self) -> None:
        super().__init__(
            "partner_floods",
            _("More messages than agreed. Wait a minute."),
            429,
            extra={"wait": 60},
        )


@transaction.atomic
def receive(
    *, partner: Partner, messages: Sequence[Sent], by: Actor, at: datetime
) -> list[tuple[Inbound, bool]]:
    """Keep the messages, and take in what a rule accepts. (row, whether it is a repeat) of each.

    Raises `Invalid` with every wrong field of all of them, `Refused` (`message_id_reused`,
    `outdated_version`), `TooMany`; then nothing of them is kept.
    """
    if len(messages) > MAX_MESSAGES:
        raise DomainError(
            "too_many_messages", _("At most 500 messages at once: send them in parts."), 413
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, partner.pk])
    lately = Inbound.objects.filter(partner=partner, received_at__gt=at - MINUTE).count()
    if lately + len(messages) > partner.messages_per_minute:
        raise TooMany
    values: list[dict[str, Any]] = []
    errors: list[FieldError] = []
    for one in messages:
        try:
            values.append(_read(one, partner, at))
        except Invalid as refusal:
            errors += refusal.errors
    if errors:
        raise Invalid(tuple(errors), _("Some fields are wrong."))
    kept = [_keep(partner, one, value, by, at) for one, value in zip(messages, values, strict=True)]
    waiting = [row for row, repeated in kept if not repeated and row.decided_at is None]
    if waiting:
        tell_officers(
            "messages_quarantined",
            permission=Permission.ALERT_ACCEPT,
            at=at,
            path="/console/alerts/quarantine/",
            partner=partner.pk,
            count=len(waiting),
        )
    return kept


def _read(one: Sent, partner: Partner, at: datetime) -> dict[str, Any]:
    value = wire.read(one.body, path=one.path)
    errors = []
    if value["owner"] != partner.pk:
        text = _("A partner sends its own messages only, not those of others nor ours back.")
        errors.append(FieldError(_under(one.path, "owner"), "not_its_own", text))
    if value["kind"] == "warning":
        try:
            checked(wire.draft_of(value, at=at))
        except Invalid as refusal:
            errors += [
                FieldError(_under(one.path, e.field), e.code, e.text) for e in refusal.errors
            ]
    if errors:
        raise Invalid(tuple(errors), _("Some fields are wrong."))
    return value


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _keep(
    partner: Partner, one: Sent, value: dict[str, Any], by: Actor, at: datetime
) -> tuple[Inbound, bool]:
    digest = hashlib.sha256(json.dumps(one.body, sort_keys=True).encode()).digest()
    earlier = Inbound.objects.filter(partner=partner, message_id=one.message_id).first()
    if earlier is not None:
        if bytes(earlier.body_sha256) != digest:
            raise Refused("message_id_reused", _("This message id was used for another message."))
        return earlier, True
    known = Inbound.objects.filter(partner=partner, ref=value["id"]).exclude(
        state=InboundState.REJECTED
    )
    latest = known.filter(kind=value["kind"]).order_by("-version", "pk").first()
    if known.exclude(kind=value["kind"]).exclude(kind="recall").exists() and (
        value["kind"] != "recall"
    ):
        raise Refused("ref_in_use", _("This id was used for a message of another kind."))
    step = INBOUND.check("quarantine", NEW)
    if latest is not None and value["version"] < latest.version:
        raise Refused("outdated_version", _("A newer version of this was received before."))
    if latest is not None and value["version"] == latest.version:
        if bytes(latest.body_sha256) != digest:
            step = INBOUND.check("contradict", NEW)
        elif not _recalled_since(latest):
            return latest, True
    row = Inbound.objects.create(
        partner=partner,
        message_id=one.message_id,
        kind=value["kind"],
        ref=value["id"],
        version=value["version"],
        body=one.body,
        body_sha256=digest,
        state=step.target,
        received_at=at,
    )
    _record(step.action, row, by)
    if row.state == InboundState.QUARANTINED and _by_rule(row, value, at):
        row = accept(inbound=row, by=by, at=at)
    return row, False


def _by_rule(row: Inbound, value: dict[str, Any], at: datetime) -> bool:
    """Whether an agreement takes this in without an officer.

    Warnings of a category that an agreement accepts, unless they were recalled before; answers to
    what we released to this partner, or to its own warnings that we took in; recalls of its own
    warnings.
    """
    if row.kind == "recall":
        return Alert.objects.filter(owner=row.partner_id, origin_ref=row.ref).exists()
    agreements = agreements_in_force(at).filter(partner=row.partner_id)
    if row.kind == "warning":
        known = Alert.objects.filter(owner=row.partner_id, origin_ref=row.ref).first()
        over = known is not None and known.state not in (AlertState.ACTIVE, AlertState.EXPIRED)
        return not over and agreements.filter(accepts__contains=[value["category"]]).exists()
    if not agreements.exists():
        return False
    if row.kind == "feedback":
        alert = warning_of(row.partner_id, value["warning"])
        return alert is not None and _concerns(alert, row.partner_id)
    feedback = feedback_of(row.partner_id, value["feedback"])
    return feedback is not None and _concerns(feedback.alert, row.partner_id)


def _concerns(alert: Alert, partner: str) -> bool:
    return (
        alert.owner_id == partner
        or Release.objects.filter(alert=alert, partner=partner, kind="warning").exists()
    )


@transaction.atomic
def accept(*, inbound: Inbound, by: Actor, at: datetime) -> Inbound:
    """Take a message in. Raises `TransitionRefused`, or `Refused` where what it answers is missing,
    where its agency recalled it since, or where a newer version was accepted before.

    A contradicting one replaces what was accepted before.
    """
    rows = Inbound.objects.select_for_update(of=("self",)).select_related("partner__agency")
    inbound = rows.get(pk=inbound.pk)
    step = INBOUND.check("accept", inbound.state)
    if inbound.kind == Release.Kind.WARNING:
        _refuse_overtaken(inbound)
    value = wire.read(inbound.body)
    inbound.alert = TAKE[inbound.kind](inbound, value, by, at)
    inbound.state = InboundState(step.target)
    inbound.decided_by, inbound.decided_at = str(by), at
    inbound.save(update_fields=["alert", "state", "decided_by", "decided_at"])
    _record(step.action, inbound, by)
    return inbound


def _refuse_overtaken(row: Inbound) -> None:
    if _recalled_since(row):
        raise Refused("recalled_since", _("Its agency has recalled it since: reject it."))
    same = Inbound.objects.filter(partner=row.partner_id, ref=row.ref, kind=row.kind)
    if same.filter(state=InboundState.ACCEPTED, version__gt=row.version).exists():
        raise Refused("outdated_version", _("A newer version of this was received before."))


def _recalled_since(row: Inbound) -> bool:
    """Whatever became of the recall here: the word of the agency whose warning it is."""
    later = Inbound.objects.filter(partner=row.partner_id, ref=row.ref, pk__gt=row.pk)
    return later.filter(kind=Release.Kind.RECALL).exists()


@transaction.atomic
def reject(*, inbound: Inbound, note: str, by: Actor, at: datetime) -> Inbound:
    """Do not take it in. Raises `Invalid` without a note."""
    if not note.strip():
        raise Invalid(
            (FieldError("note", "required", _("Say why it is not taken in.")),),
            _("Some fields are wrong."),
        )
    inbound = Inbound.objects.select_for_update().get(pk=inbound.pk)
    step = INBOUND.check("reject", inbound.state)
    inbound.state, inbound.note = InboundState(step.target), note.strip()[:500]
    inbound.decided_by, inbound.decided_at = str(by), at
    inbound.save(update_fields=["state", "note", "decided_by", "decided_at"])
    _record(step.action, inbound, by)
    return inbound


def _record(action: str, row: Inbound, by: Actor) -> None:
    audit.record(
        action,
        by=by,
        subject_kind="partner_message",
        subject_id=row.public_id,
        data={
            "partner": row.partner_id,
            "kind": row.kind,
            "ref": row.ref,
            "version": row.version,
            "note": row.note,
        },
    )
