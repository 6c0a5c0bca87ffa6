"""What a record suggests becomes true only when an officer confirms it."""

from datetime import datetime, timedelta

from django.db import transaction

from lanes.inspections.models import Proposal
from lanes.inspections.services.common import written
from lanes.inspections.states import PROPOSAL
from lanes.models import Port
from lanes.queries import policy_in_force
from lanes.rules.policy import Campaign
from lanes.services.policies import draft_policy
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.services.carrier import change_tier

# What “more often” means: one truck in four, for three months.
MORE_RATE, MORE_FOR = 0.25, timedelta(days=90)


@transaction.atomic
def decide_proposal(
    *, proposal_id: int, confirm: bool, note: str, by: Actor, at: datetime
) -> Proposal:
    """Confirm or dismiss, with a note. Raises `Invalid`, or `TransitionRefused` a second time.

    One tier down takes effect at once. Drawn more often is a campaign in a draft of the port's
    policy, which another officer approves like any other.
    """
    note = written("note", note)
    proposal = (
        Proposal.objects.select_for_update(of=["self"])
        .select_related("carrier")
        .get(pk=proposal_id)
    )
    transition = PROPOSAL.check("confirm" if confirm else "dismiss", proposal.state)
    proposal.state, proposal.note = transition.target, note
    proposal.decided_by, proposal.decided_at = str(by), at
    proposal.save()
    audit.record(
        transition.action,
        by=by,
        subject_kind="proposal",
        subject_id=proposal.pk,
        port_code=proposal.port_code,
        data={"carrier": proposal.carrier_id, "kind": proposal.kind, "note": note},
    )
    if confirm and proposal.kind == Proposal.Kind.TIER_DOWN:
        tier = (proposal.carrier.tier or 1) - 1
        change_tier(carrier=proposal.carrier, tier=tier, reason=note, by=by, at=at)
    elif confirm:
        _draft_campaign(proposal, by, at)
    return proposal


def _draft_campaign(proposal: Proposal, by: Actor, at: datetime) -> None:
    scac = proposal.carrier.scac
    campaign = Campaign(
        name=f"{scac} {at:%Y-%m-%d} #{proposal.pk}",
        rate=MORE_RATE,
        begins_at=at.timestamp(),
        ends_at=(at + MORE_FOR).timestamp(),
        carriers=(scac,),
    )
    body = policy_in_force(proposal.port_code).as_json()
    body["campaigns"] = [*body["campaigns"], campaign.as_json()]
    port = Port.objects.get(pk=proposal.port_code)
    draft_policy(port=port, body=body, note=proposal.note, by=by, at=at)
