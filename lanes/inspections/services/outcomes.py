"""What an inspection's end means for the carrier: its record, its standing, what is proposed."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from lanes.inspections.models import Finding, Inspection, Proposal
from lanes.inspections.queries.record import record_of
from lanes.inspections.states import PROPOSAL
from lanes.services.owed import count_exam
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier, Measure
from trustedtruck.carriers.states import CarrierState, MeasureState
from trustedtruck.enrolment.services.standing import impose

# Points of the last year from which an officer is asked to look (docs/inspections.md).
SAMPLE_MORE_FROM, TIER_DOWN_FROM = 10, 25
_HARDER = (Measure.Grade.SUSPENSION, Measure.Grade.REMOVAL)


def after_close(*, inspection: Inspection, by: Actor, at: datetime) -> None:
    """Within the closing transaction: count the exam, and propose what the record suggests."""
    if inspection.carrier is None or not inspection.result:
        return
    found = inspection.result == Inspection.Result.FINDING
    count_exam(carrier=inspection.carrier, found=found)
    if found:
        _propose(inspection.carrier, inspection.port_id, by, at)


def after_seizure(*, inspection: Inspection, by: Actor, at: datetime) -> None:
    """Within the same transaction: the carrier's privileges end, so no next truck is fast.

    A carrier that is suspended or removed already keeps its harder measure, and one that has lost
    them for longer keeps that end.
    """
    if inspection.carrier is None:
        return
    carrier = Carrier.objects.select_for_update().get(pk=inspection.carrier.pk)
    in_programme = carrier.state in (CarrierState.CERTIFIED, CarrierState.SUSPENDED)
    in_force = Measure.objects.filter(carrier=carrier, state=MeasureState.IN_FORCE)
    if not in_programme or in_force.filter(grade__in=_HARDER).exists():
        return
    ends_date = at.date() + timedelta(days=settings.INSPECTIONS_SEIZURE_DAYS)
    present = in_force.filter(grade=Measure.Grade.PRIVILEGES).first()
    if present and present.ends_date:
        ends_date = max(ends_date, present.ends_date)
    what = ", ".join(
        f"{finding.get_category_display()} {finding.quantity.normalize():f} {finding.unit}"
        for finding in Finding.objects.filter(exam__inspection=inspection, seized=True)
    )
    impose(
        carrier=carrier,
        grade=Measure.Grade.PRIVILEGES,
        reasons=_("Seizure at port %(port)s: %(what)s")
        % {"port": inspection.port_id, "what": what},
        ends_date=ends_date,
        by=by,
        at=at,
    )


def _propose(carrier: Carrier, port_code: str, by: Actor, at: datetime) -> None:
    record = record_of(carrier, at=at)
    kinds = []
    if record.points >= SAMPLE_MORE_FROM:
        kinds.append(Proposal.Kind.SAMPLE_MORE)
    if record.points >= TIER_DOWN_FROM and (carrier.tier or 1) > 1:
        kinds.append(Proposal.Kind.TIER_DOWN)
    for kind in kinds:
        if Proposal.objects.filter(carrier=carrier, kind=kind, state="open").exists():
            continue
        transition = PROPOSAL.check("propose", "")
        proposal = Proposal.objects.create(
            carrier=carrier,
            port_code=port_code,
            kind=kind,
            state=transition.target,
            data=record.as_json(),
            made_at=at,
        )
        audit.record(
            transition.action,
            by=by,
            subject_kind="proposal",
            subject_id=proposal.pk,
            port_code=port_code,
            data={"carrier": carrier.pk, "kind": str(kind), "points": record.points},
        )
