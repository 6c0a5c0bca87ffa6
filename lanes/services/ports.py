"""Ports, their lanes and their policies: opened, changed, drafted, approved."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from lanes.models import Lane, Policy, Port
from lanes.queries.port import forget
from lanes.rules.policy import Policy as Rules
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import Refused


@dataclass(frozen=True, slots=True)
class NewLane:
    """A lane as a port begins with it; `service_seconds` is the expected time at the booth."""

    code: str
    name: str
    route: str
    state: str
    service_seconds: float
    directions: tuple[str, ...] = ("northbound", "southbound")
    group: str = ""
    load: str = "any"


@transaction.atomic
def open_port(
    *, code: str, name: str, country: str, timezone: str, lanes: Sequence[NewLane], by: Actor
) -> Port:
    """Take a port in, with its lanes. Without a policy yet, every truck is inspected."""
    port = Port.objects.create(code=code, name=name, country=country, timezone=timezone)
    Lane.objects.bulk_create(
        Lane(port=port, **asdict(lane) | {"directions": list(lane.directions)}) for lane in lanes
    )
    audit.record(
        "port.opened",
        by=by,
        subject_kind="port",
        subject_id=code,
        port_code=code,
        data={"name": name, "lanes": [lane.code for lane in lanes]},
    )
    return port


@transaction.atomic
def set_lane_state(*, lane: Lane, state: str, by: Actor) -> Lane:
    """Open or close a lane. A truck that is being sent to it is decided again, or was sent before.

    The committing statement holds the lane's row while it looks, so one of the two comes first.
    """
    lane = Lane.objects.select_for_update().get(pk=lane.pk)
    before, lane.state = lane.state, Lane.State(state)
    lane.save(update_fields=["state"])
    audit.record(
        "lane.state_changed",
        by=by,
        subject_kind="lane",
        subject_id=lane.pk,
        port_code=lane.port_id,
        data={"lane": lane.code, "before": before, "after": state},
    )
    transaction.on_commit(lambda: forget(lane.port_id))
    return lane


@transaction.atomic
def draft_policy(*, port: Port, rules: Rules, by: Actor) -> Policy:
    """A new version, in force only when somebody else has approved it. `rules.version` is ours."""
    port = Port.objects.select_for_update().get(pk=port.pk)
    last = port.policies.aggregate(last=Max("version"))["last"] or 0
    policy = Policy.objects.create(
        port=port, version=last + 1, body=rules.as_json(), drafted_by=str(by)
    )
    audit.record(
        "policy.drafted",
        by=by,
        subject_kind="policy",
        subject_id=policy.pk,
        port_code=port.code,
        data={"version": policy.version, "body": policy.body},
    )
    return policy


@transaction.atomic
def approve_policy(*, policy: Policy, by: Actor, effective_from: datetime) -> Policy:
    """Put a draft in force from an instant. Raises `Refused` for one's own draft or a second time.

    The database refuses the same once more.
    """
    policy = Policy.objects.select_for_update().get(pk=policy.pk)
    if policy.approved_by:
        raise Refused("policy_approved_already", _("This policy was approved already."))
    if policy.drafted_by == str(by):
        raise Refused("own_policy", _("Whoever drafted a policy cannot approve it."))
    policy.approved_by, policy.effective_from = str(by), effective_from
    policy.save(update_fields=["approved_by", "effective_from"])
    audit.record(
        "policy.approved",
        by=by,
        subject_kind="policy",
        subject_id=policy.pk,
        port_code=policy.port_id,
        data={"version": policy.version, "effective_from": effective_from.isoformat()},
    )
    transaction.on_commit(lambda: forget(policy.port_id))
    return policy
