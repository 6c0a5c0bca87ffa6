"""Visits, graded sanctions, corrective plans, appeals: a carrier's standing after certification."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import (
    Appeal,
    Carrier,
    CorrectivePlan,
    Measure,
    SiteVisit,
)
from trustedtruck.carriers.services.entries import Entries
from trustedtruck.carriers.services.notify import tell
from trustedtruck.carriers.states import APPEAL, MEASURE, PLAN, CarrierState, MeasureState
from trustedtruck.core.days import day
from trustedtruck.core.errors import Refused
from trustedtruck.credentials.services import lift_sanction, remove_carrier, sanction_carrier
from trustedtruck.credentials.states import Reason

PAGE = "/portal/standing/"
REVALIDATION_AFTER = timedelta(days=4 * 365)
AGAIN_WITHIN = timedelta(days=365)
_BARS = (Measure.Grade.PRIVILEGES, Measure.Grade.SUSPENSION)
_TIER_AFTER = {
    SiteVisit.Outcome.PASSED: 2,
    SiteVisit.Outcome.ACTIONS: 2,
    SiteVisit.Outcome.BEST_PRACTICE: 3,
}


@transaction.atomic
def report_visit(
    *,
    visit: SiteVisit,
    visited_date: date,
    outcome: str,
    report: str,
    findings: Sequence[dict[str, Any]],
    by: Actor,
    at: datetime,
) -> SiteVisit:
    """Write the report once; the tier follows, and the next visit is due in four years.

    A failed visit suspends the carrier, and another is due within a year. Raises `Refused` for a
    visit that has its report, and for a carrier that is not in the programme any more.
    """
    entries = Entries()
    written = entries.need("report", report)
    if outcome not in SiteVisit.Outcome.values:
        entries.wrong("outcome", "required", _("Choose the outcome."))
    if visited_date > at.date():
        entries.wrong("visited_date", "date_in_future", _("This day has not come yet."))
    entries.done()
    visit = (
        SiteVisit.objects.select_for_update(of=["self"]).select_related("carrier").get(pk=visit.pk)
    )
    if visit.reported_at is not None:
        raise Refused("visit_reported", _("This visit has its report already."))
    visit.visited_date, visit.outcome, visit.report = visited_date, outcome, written
    visit.findings, visit.reported_by, visit.reported_at = list(findings), str(by), at
    visit.save()
    _record("visit.reported", "visit", visit.pk, by, carrier=visit.carrier_id, outcome=outcome)
    if outcome == SiteVisit.Outcome.FAILED:
        impose(
            carrier=visit.carrier,
            grade=Measure.Grade.SUSPENSION,
            reasons=written,
            ends_date=None,
            by=by,
            at=at,
        )
        SiteVisit.objects.create(
            carrier=visit.carrier, kind=visit.kind, due_date=visited_date + AGAIN_WITHIN
        )
        return visit
    carrier = Carrier.objects.select_for_update().get(pk=visit.carrier_id)
    _check_in_programme(carrier)
    carrier.tier = _TIER_AFTER[SiteVisit.Outcome(outcome)]
    carrier.save(update_fields=["tier"])
    _record("carrier.tier_changed", "carrier", carrier.pk, by, tier=carrier.tier)
    SiteVisit.objects.create(
        carrier=carrier,
        kind=SiteVisit.Kind.REVALIDATION,
        due_date=visited_date + REVALIDATION_AFTER,
    )
    tell("visit_reported", carrier=carrier, at=at, path=PAGE, tier=carrier.tier)
    return visit


@transaction.atomic
def impose(
    *,
    carrier: Carrier,
    grade: str,
    reasons: str,
    ends_date: date | None,
    by: Actor,
    at: datetime,
) -> Measure:
    """One step of the schedule, with written reasons.

    Loss of privileges and suspension take the credentials with them, removal revokes them. A
    measure takes the place of one that bars and is no harder. Raises `Refused` for a loss of
    privileges while a suspension is in force, for it would end by itself what ends only by its
    plan, and `Invalid` for one that would end before the one that is in force.
    """
    entries = Entries()
    written = entries.need("reasons", reasons)
    if grade not in Measure.Grade.values:
        entries.wrong("grade", "required", _("Choose the sanction."))
    if grade == Measure.Grade.PRIVILEGES and (ends_date is None or ends_date <= at.date()):
        entries.wrong(
            "ends_date", "required", _("Say on which coming day the privileges come back.")
        )
    entries.done()
    change = MEASURE.check("impose", "")
    carrier = Carrier.objects.select_for_update().get(pk=carrier.pk)
    if grade != Measure.Grade.WARNING:
        _supersede(carrier, grade, ends_date, by, at)
    if grade in _BARS and carrier.state == CarrierState.CERTIFIED:
        sanction_carrier(carrier=carrier, by=by, at=at, reason=Reason.SECURITY_INCIDENT)
    elif grade == Measure.Grade.REMOVAL:
        remove_carrier(carrier=carrier, by=by, at=at)
    else:
        _check_in_programme(carrier)
    measure = Measure.objects.create(
        carrier=carrier,
        grade=grade,
        state=change.target,
        reasons=written,
        ends_date=ends_date if grade == Measure.Grade.PRIVILEGES else None,
        imposed_by=str(by),
        imposed_at=at,
    )
    _record(change.action, "measure", measure.pk, by, carrier=carrier.pk, grade=grade)
    tell("measure_imposed", carrier=carrier, at=at, path=PAGE, reasons=written, grade=grade)
    return measure


def _check_in_programme(carrier: Carrier) -> None:
    if carrier.state not in (CarrierState.CERTIFIED, CarrierState.SUSPENDED):
        raise Refused("carrier_not_in_programme", _("This carrier is not in the programme."))


def _supersede(
    carrier: Carrier, grade: str, ends_date: date | None, by: Actor, at: datetime
) -> None:
    """End the measure that bars now, without giving anything back."""
    barring = Measure.objects.select_for_update().filter(
        carrier=carrier, state=MeasureState.IN_FORCE, grade__in=_BARS
    )
    for measure in barring:
        if grade == Measure.Grade.PRIVILEGES:
            _check_not_softer(measure, ends_date)
        change = MEASURE.check("end", measure.state)
        measure.state = change.target
        measure.save(update_fields=["state"])
        _record(change.action, "measure", measure.pk, by, carrier=carrier.pk)


def _check_not_softer(present: Measure, ends_date: date | None) -> None:
    """Whether a loss of privileges until that day may take the place of the present measure."""
    if present.grade == Measure.Grade.SUSPENSION:
        raise Refused(
            "harder_measure_in_force",
            _("A suspension is in force. A softer sanction cannot take its place."),
        )
    if ends_date and present.ends_date and ends_date < present.ends_date:
        entries = Entries()
        entries.wrong(
            "ends_date",
            "ends_before_present",
            _("The privileges are lost until %(day)s already. Choose no earlier day.")
            % {"day": day(present.ends_date)},
        )
        entries.done()


@transaction.atomic
def lift(*, measure: Measure, reasons: str, by: Actor, at: datetime) -> Measure:
    """Lift a measure before its time.

    A suspension is lifted only once its corrective plan was accepted or an appeal against it was
    granted, a removal by the appeal alone: the carrier is not back then, but may apply anew.
    """
    entries = Entries()
    written = entries.need("reasons", reasons)
    entries.done()
    measure = _locked(measure)
    accepted = measure.plans.filter(state="accepted").exists()
    granted = Appeal.objects.filter(
        against=Appeal.Against.MEASURE, subject_id=str(measure.public_id), state="granted"
    ).exists()
    if measure.grade == Measure.Grade.REMOVAL and not granted:
        raise Refused(
            "removal_is_final",
            _(
                "A removal is not lifted. Only a granted appeal ends it; the carrier may then"
                " apply anew."
            ),
        )
    if measure.grade == Measure.Grade.SUSPENSION and not (accepted or granted):
        raise Refused(
            "plan_missing",
            _("A suspension is lifted after a corrective plan was accepted or an appeal granted."),
        )
    return _end(measure, "lift", written, by, at)


@transaction.atomic
def end_due(*, measure: Measure, by: Actor, at: datetime) -> Measure:
    """The time of a loss of privileges is over. Nothing happens before that."""
    measure = _locked(measure)
    over = measure.ends_date is not None and measure.ends_date <= at.date()
    if measure.state != MeasureState.IN_FORCE or not over:
        return measure
    return _end(measure, "end", gettext_noop("Its time is over."), by, at)


def _end(measure: Measure, transition: str, reasons: str, by: Actor, at: datetime) -> Measure:
    change = MEASURE.check(transition, measure.state)
    measure.state = change.target
    if transition == "lift":
        measure.lifted_by, measure.lifted_at = str(by), at
        measure.lift_reasons = reasons
    measure.save()
    if measure.grade in _BARS and measure.carrier.state == CarrierState.SUSPENDED:
        lift_sanction(carrier=measure.carrier, by=by, at=at)
    _record(change.action, "measure", measure.pk, by, carrier=measure.carrier_id)
    tell("measure_lifted", carrier=measure.carrier, at=at, path=PAGE, reasons=reasons)
    return measure


@transaction.atomic
def review_plan(
    *, plan: CorrectivePlan, accept: bool, reasons: str, by: Actor, at: datetime
) -> CorrectivePlan:
    """Accept a corrective plan, or return it. Raises `Invalid` without reasons."""
    entries = Entries()
    written = entries.need("reasons", reasons)
    entries.done()
    plan = (
        CorrectivePlan.objects.select_for_update(of=["self"])
        .select_related("measure__carrier")
        .get(pk=plan.pk)
    )
    change = PLAN.check("accept" if accept else "return", plan.state)
    plan.state, plan.review_reasons = change.target, written
    plan.reviewed_by, plan.reviewed_at = str(by), at
    plan.save()
    _record(change.action, "plan", plan.pk, by, measure=plan.measure_id)
    code = "plan_accepted" if accept else "plan_returned"
    tell(code, carrier=plan.measure.carrier, at=at, path=PAGE, reasons=written)
    return plan


@transaction.atomic
def decide_appeal(*, appeal: Appeal, grant: bool, reasons: str, by: Actor, at: datetime) -> Appeal:
    """Another officer than the one who decided judges. A granted appeal undoes what it is against.

    A measure ends, and after a removal the carrier may apply anew; for an application, it may apply
    again at once; for a crossing, the record says so: the decision itself is never edited.
    """
    entries = Entries()
    written = entries.need("reasons", reasons)
    entries.done()
    appeal = (
        Appeal.objects.select_for_update(of=["self"]).select_related("carrier").get(pk=appeal.pk)
    )
    change = APPEAL.check("grant" if grant else "deny", appeal.state)
    if appeal.contested_by == str(by):
        raise Refused(
            "same_officer",
            _("You took the decision that is contested. Another officer must judge."),
        )
    appeal.state, appeal.decision_reasons = change.target, written
    appeal.decided_by, appeal.decided_at = str(by), at
    appeal.save()
    _record(change.action, "appeal", appeal.pk, by, carrier=appeal.carrier_id)
    if grant and appeal.against == Appeal.Against.MEASURE:
        measure = Measure.objects.get(public_id=appeal.subject_id)
        if measure.state == MeasureState.IN_FORCE:
            lift(measure=measure, reasons=written, by=by, at=at)
    code = "appeal_granted" if grant else "appeal_denied"
    tell(code, carrier=appeal.carrier, at=at, path=PAGE, reasons=written)
    return appeal


def _locked(measure: Measure) -> Measure:
    # The carrier's row first, as `impose` does: two officers in one moment wait, and never cross.
    Carrier.objects.select_for_update().get(pk=measure.carrier_id)
    return (
        Measure.objects.select_for_update(of=["self"]).select_related("carrier").get(pk=measure.pk)
    )


def _record(action: str, kind: str, subject_id: int, by: Actor, **data: object) -> None:
    audit.record(action, by=by, subject_kind=kind, subject_id=subject_id, data=data)
