"""A port's policy: drafted by one person, approved by another, in force from an instant."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lanes.models import Policy, Port, ShadowRun
from lanes.queries.port import forget
from lanes.rules.policy import Policy as Rules
from lanes.rules.policy_check import faults
from trustedtruck.accounts.notify import tell_officers
from trustedtruck.accounts.roles import Permission
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import FieldError, Invalid, Refused


@transaction.atomic
def draft_policy(
    *, port: Port, body: Mapping[str, Any], by: Actor, at: datetime, note: str = ""
) -> Policy:
    """A new version, in force only when somebody else has approved it. It is never edited.

    Fields that `body` leaves out take the usual value, and are stored with it. Raises `Invalid`
    with every wrong field.
    """
    if found := faults(body):
        raise Invalid(
            tuple(
                FieldError(f.field, f.finding.code, gettext(f.finding.text) % f.finding.params)
                for f in found
            ),
            _("Some fields of the policy are wrong."),
        )
    port = Port.objects.select_for_update().get(pk=port.pk)
    version = (port.policies.aggregate(last=Max("version"))["last"] or 0) + 1
    policy = Policy.objects.create(
        port=port,
        version=version,
        body=Rules.from_json(version, body).as_json(),
        note=note,
        drafted_by=str(by),
        drafted_at=at,
    )
    _record("policy.drafted", policy, by, {"body": policy.body, "note": note})
    tell_officers(
        "policy_drafted",
        permission=Permission.POLICY_APPROVE,
        at=at,
        port_code=port.code,
        path=f"/console/ports/{port.code}/policies/{version}/",
        by=by,
        version=version,
    )
    return policy


@transaction.atomic
def approve_policy(
    *, policy: Policy, by: Actor, at: datetime, effective_from: datetime | None = None
) -> Policy:
    """Put a draft in force from an instant, by default now.

    Raises `Refused` for one's own draft, a second time, a withdrawn draft, and an instant that is
    past: what was decided stays decided. The database refuses the same once more.
    """
    policy = _locked_draft(policy)
    effective_from = effective_from or at
    if policy.drafted_by == str(by):
        raise Refused("own_policy", _("Whoever drafted a policy cannot approve it."))
    if effective_from < at:
        raise Refused("effective_in_the_past", _("A policy cannot take effect in the past."))
    policy.approved_by, policy.approved_at = str(by), at
    policy.effective_from = effective_from
    policy.save(update_fields=["approved_by", "approved_at", "effective_from"])
    _record("policy.approved", policy, by, {"effective_from": effective_from.isoformat()})
    ShadowRun.objects.filter(policy=policy, stopped_at=None).update(
        stopped_by=str(by), stopped_at=at
    )
    transaction.on_commit(lambda: forget(policy.port_id))
    return policy


@transaction.atomic
def withdraw_policy(*, policy: Policy, by: Actor, at: datetime) -> Policy:
    """Give a draft up. An approved version is not withdrawn: the next version takes its place."""
    policy = _locked_draft(policy)
    policy.withdrawn_by, policy.withdrawn_at = str(by), at
    policy.save(update_fields=["withdrawn_by", "withdrawn_at"])
    _record("policy.withdrawn", policy, by, {})
    ShadowRun.objects.filter(policy=policy, stopped_at=None).update(
        stopped_by=str(by), stopped_at=at
    )
    return policy


def _locked_draft(policy: Policy) -> Policy:
    policy = Policy.objects.select_for_update().get(pk=policy.pk)
    if policy.approved_by:
        raise Refused("policy_approved_already", _("This policy was approved already."))
    if policy.withdrawn_by:
        raise Refused("policy_withdrawn", _("This policy was withdrawn."))
    return policy


def _record(action: str, policy: Policy, by: Actor, data: Mapping[str, Any]) -> None:
    audit.record(
        action,
        by=by,
        subject_kind="policy",
        subject_id=policy.pk,
        port_code=policy.port_id,
        data={"version": policy.version, **data},
    )
