"""A draft beside the live policy: the same trucks, decided once more, off the way of the answers.

The worker's task follows the committed decisions a moment later, from their own facts and draws. A
lost task costs nothing: the run knows how far it came.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lanes.models import Policy, ShadowDifference, ShadowRun
from lanes.queries.decisions import stored_decisions
from lanes.queries.replay import otherwise
from lanes.rules.policy import Policy as Rules
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import Refused

# A decision's instant is taken inside of the statement that commits it; by now that has ended.
SETTLED = timedelta(seconds=35)


@transaction.atomic
def start_shadow(*, policy: Policy, by: Actor, at: datetime) -> ShadowRun:
    """Let a draft run beside the live policy of its port. Raises `Refused`."""
    policy = Policy.objects.select_for_update().get(pk=policy.pk)
    if policy.approved_by or policy.withdrawn_by:
        raise Refused("not_a_draft", _("Only a draft can run in shadow."))
    if ShadowRun.objects.filter(port=policy.port_id, stopped_at=None).exists():
        raise Refused("shadow_runs_already", _("Another draft runs in shadow at this port."))
    run = ShadowRun.objects.create(
        policy=policy, port_id=policy.port_id, started_by=str(by), started_at=at, followed_until=at
    )
    _record("policy.shadow_started", run, by)
    return run


@transaction.atomic
def stop_shadow(*, run: ShadowRun, by: Actor, at: datetime) -> ShadowRun:
    """Let a draft no longer run beside the live policy."""
    run = ShadowRun.objects.select_for_update().select_related("policy").get(pk=run.pk)
    if run.stopped_at:
        raise Refused("shadow_stopped_already", _("This shadow was stopped already."))
    run.stopped_by, run.stopped_at = str(by), at
    run.save(update_fields=["stopped_by", "stopped_at"])
    _record("policy.shadow_stopped", run, by)
    return run


@transaction.atomic
def follow_shadow(*, run_id: int, at: datetime) -> int:
    """Decide with the draft what was decided since the last time; how many came out otherwise.

    Nothing where another worker follows this run at the moment.
    """
    run = (
        ShadowRun.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("policy")
        .filter(pk=run_id, stopped_at=None)
        .first()
    )
    if run is None or (until := at - SETTLED) <= run.followed_until:
        return 0
    rules = Rules.from_json(run.policy.version, run.policy.body)
    found = [
        ShadowDifference(
            run=run,
            arrival_id=difference.stored.arrival_id,
            route=difference.route or difference.stored.route,
            reasons=list(difference.reasons) or ["not_decided"],
        )
        for difference in otherwise(rules, stored_decisions(run.port_id, run.followed_until, until))
    ]
    ShadowDifference.objects.bulk_create(found, ignore_conflicts=True)
    run.followed_until = until
    run.save(update_fields=["followed_until"])
    return len(found)


def running() -> list[int]:
    return list(ShadowRun.objects.filter(stopped_at=None).values_list("pk", flat=True))


def _record(action: str, run: ShadowRun, by: Actor) -> None:
    audit.record(
        action,
        by=by,
        subject_kind="policy",
        subject_id=run.policy_id,
        port_code=run.port_id,
        data={"version": run.policy.version, "run": run.pk},
    )
