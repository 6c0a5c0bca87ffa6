"""What a carrier itself does about its standing: corrective plans and appeals."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.notify import tell_officers
from trustedtruck.accounts.roles import Permission
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import (
    Appeal,
    Carrier,
    CorrectiveAction,
    CorrectivePlan,
    Measure,
)
from trustedtruck.carriers.services.entries import Entries, insert
from trustedtruck.carriers.states import APPEAL, PLAN, MeasureState, PlanState
from trustedtruck.core.errors import Refused


@transaction.atomic
def file_plan(
    *,
    measure: Measure,
    cause: str,
    actions: Sequence[tuple[str, date | None]],
    consents_to_visits: bool,
    by: Actor,
    at: datetime,
) -> CorrectivePlan:
    """File a corrective action plan.

    Raises `Invalid` with every wrong field, `Refused` where the measure is over or has a plan.
    """
    entries = Entries()
    cause = entries.need("cause", cause)
    kept = [(text.strip(), due) for text, due in actions if text.strip() or due]
    if not kept:
        entries.wrong("action_1", "required", _("Name at least one step, with its date."))
    for number, (text, due) in enumerate(kept, 1):
        if not text:
            entries.wrong(f"action_{number}", "required", _("This field is required."))
        if due is None:
            entries.wrong(f"due_{number}", "required", _("This field is required."))
        elif due <= at.date():
            entries.wrong(f"due_{number}", "date_in_past", _("The date has passed already."))
    if not consents_to_visits:
        entries.wrong(
            "consents_to_visits",
            "required",
            _("Without consent to unannounced visits a plan cannot be accepted."),
        )
    entries.done()
    measure = (
        Measure.objects.select_for_update(of=["self"]).select_related("carrier").get(pk=measure.pk)
    )
    if measure.state != MeasureState.IN_FORCE:
        raise Refused("measure_over", _("This sanction is no longer in force."))
    if measure.plans.exclude(state=PlanState.RETURNED).exists():
        raise Refused("plan_filed_already", _("There is a plan for this sanction already."))
    change = PLAN.check("file", "")
    plan = CorrectivePlan(
        measure=measure,
        state=change.target,
        cause=cause,
        consents_to_visits=True,
        filed_by=str(by),
        filed_at=at,
    )
    insert(plan.save)
    CorrectiveAction.objects.bulk_create(
        CorrectiveAction(plan=plan, text=text, due_date=due) for text, due in kept if due
    )
    audit.record(
        change.action,
        by=by,
        subject_kind="plan",
        subject_id=plan.pk,
        data={"carrier": measure.carrier_id, "measure": measure.pk},
    )
    _tell_officers("plan_filed", measure.carrier, at)
    return plan


@transaction.atomic
def report_action_done(*, action: CorrectiveAction, by: Actor, at: datetime) -> None:
    """A step of the plan has been taken. Saying it again changes nothing."""
    action = CorrectiveAction.objects.select_for_update().get(pk=action.pk)
    if action.done_at is None:
        action.done_by, action.done_at = str(by), at
        action.save(update_fields=["done_by", "done_at"])
        audit.record(
            "plan.action_done",
            by=by,
            subject_kind="plan",
            subject_id=action.plan_id,
            data={"action": action.pk},
        )


@transaction.atomic
def file_appeal(
    *,
    carrier: Carrier,
    against: str,
    subject_id: str,
    contested_by: str,
    text: str,
    by: Actor,
    at: datetime,
) -> Appeal:
    """Appeal once against one decision. `contested_by` is who took it."""
    entries = Entries()
    text = entries.need("text", text)
    entries.done()
    change = APPEAL.check("file", "")
    appeal = Appeal(
        carrier=carrier,
        against=against,
        subject_id=subject_id,
        contested_by=contested_by,
        state=change.target,
        text=text,
        filed_by=str(by),
        filed_at=at,
    )
    if Appeal.objects.filter(against=against, subject_id=subject_id).exists():
        raise Refused("appealed_already", _("You have appealed against this decision already."))
    insert(appeal.save)
    audit.record(
        change.action,
        by=by,
        subject_kind="appeal",
        subject_id=appeal.pk,
        data={"carrier": carrier.pk, "against": against, "subject": subject_id},
    )
    _tell_officers("appeal_filed", carrier, at)
    return appeal


def _tell_officers(code: str, carrier: Carrier, at: datetime) -> None:
    tell_officers(
        code,
        permission=Permission.ENROLMENT_WRITE,
        at=at,
        path=f"/console/enrolment/carriers/{carrier.public_id}/",
        carrier=carrier.legal_name,
    )
