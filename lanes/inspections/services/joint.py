"""Joint inspections: two agencies of two countries, one exam, one result."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lanes.inspections.hours import open_at
from lanes.inspections.models import (
    Facility,
    Inspection,
    JointHours,
    JointInspection,
    JointVerdict,
    Word,
)
from lanes.inspections.services.cases import hold
from lanes.inspections.services.common import lock, record, written, wrong
from lanes.inspections.states import (
    AGENCIES_DISAGREE,
    INSPECTION,
    JOINT,
    JOINT_KEEPS_IT,
    InspectionState,
    JointState,
)
from trustedtruck.accounts.models import Agency
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import Refused

# From the mildest to the strictest: where two agencies cannot agree, the stricter word stands.
STRICTNESS = (Word.RELEASE, Word.HOLD, Word.SEIZE)


@transaction.atomic
def open_joint(
    *,
    inspection_id: uuid.UUID,
    port_code: str,
    agency: Agency,
    partner_code: str,
    by: Actor,
    at: datetime,
) -> JointInspection:
    """Invite another country's agency to the inspection of a truck that is at its station.

    Raises `Invalid` for an agency of the same country, `Refused` outside the joint hours of the
    port, direction and facility.
    """
    inspection = lock(inspection_id, port_code)
    partner = Agency.objects.filter(pk=partner_code).first()
    if partner is None or partner.country == agency.country:
        raise wrong("partner", "same_country", _("Choose an agency of another country."))
    if inspection.state not in (InspectionState.AT_STATION, InspectionState.HELD):
        raise Refused("not_at_station", _("The truck is not at its station."))
    if JointInspection.objects.filter(inspection=inspection).exists():
        raise Refused("joint_already", _("This is a joint inspection already."))
    facility = inspection.station.facility if inspection.station else Facility.TRUCK_LANES
    _check_hours(inspection, facility, at)
    joint = JointInspection(
        inspection=inspection,
        facility=facility,
        agency_a=agency,
        agency_b=partner,
        country_a=agency.country,
        country_b=partner.country,
        state="",
        opened_by=str(by),
        opened_at=at,
    )
    _change(joint, "open", by, agencies=f"{agency.pk}, {partner.pk}", facility=facility)
    return joint


def _check_hours(inspection: Inspection, facility: str, at: datetime) -> None:
    hours = JointHours.objects.filter(
        port=inspection.port, direction=inspection.direction, facility=facility
    ).first()
    if hours is None or not open_at(
        hours.opens, hours.closes, at=at, timezone=inspection.port.timezone
    ):
        raise Refused(
            "no_joint_hours",
            _("There are no joint inspections here at this hour, in this direction."),
        )


@transaction.atomic
def judge_joint(
    *,
    inspection_id: uuid.UUID,
    port_code: str,
    agency: Agency,
    word: str,
    reason: str,
    by: Actor,
    at: datetime,
) -> JointInspection:
    """One agency's word, by one of its officers. The second word of a round decides.

    Two words that differ hold the truck, and in a second round other officers of both agencies look
    again; if they still differ, the stricter word stands. Raises `Invalid`, `Refused`.
    """
    reason = written("reason", reason)
    if word not in Word.values:
        raise wrong("word", "unknown_verdict", _("There is no such verdict."))
    inspection = lock(inspection_id, port_code)
    joint = JointInspection.objects.filter(inspection=inspection).first()
    if joint is None:
        raise Refused("not_joint", _("This is not a joint inspection."))
    given = list(joint.verdicts.all())
    turn = _turn(joint)
    check_may_judge(joint, given, agency=agency, by=by)
    made = JointVerdict.objects.create(
        joint=joint,
        agency=agency,
        round=turn,
        word=word,
        reason=reason,
        given_by=str(by),
        given_at=at,
    )
    record("joint.judged", inspection, by, agency=agency.pk, word=word, round=turn)
    other = [v for v in given if v.round == turn]
    if other:
        _decide(joint, turn, [other[0].word, made.word], by, at)
    return joint


def check_may_judge(
    joint: JointInspection, given: Iterable[JointVerdict], *, agency: Agency, by: Actor
) -> None:
    """Whether this officer's word is awaited in the round that is open. Raises `Refused`."""
    if agency.pk not in (joint.agency_a_id, joint.agency_b_id):
        raise Refused("not_your_inspection", _("Your agency takes no part in this inspection."))
    if joint.state not in (JointState.OPEN, JointState.DISAGREED):
        raise Refused("joint_settled", _("This joint inspection has its result already."))
    if any(verdict.given_by == str(by) for verdict in given):
        raise Refused(
            "own_joint_verdict", _("You have given your verdict. Another officer decides.")
        )
    if any(v.round == _turn(joint) and v.agency_id == agency.pk for v in given):
        raise Refused("agency_judged_already", _("Your agency has given its verdict already."))


def _turn(joint: JointInspection) -> int:
    """The round that is open: the second once two agencies have disagreed."""
    return 1 if joint.state == JointState.OPEN else 2


def _decide(joint: JointInspection, turn: int, words: list[str], by: Actor, at: datetime) -> None:
    """Both agencies have spoken in this round."""
    strictest = max(words, key=lambda word: STRICTNESS.index(Word(word)))
    if words[0] != words[1] and turn == 1:
        _change(joint, "disagree", by, words=words)
        _hold(joint, by, at, AGENCIES_DISAGREE)
        return
    joint.result, joint.settled_at = strictest, at
    _change(joint, "agree" if words[0] == words[1] else "settle", by, result=strictest)
    if strictest != Word.RELEASE:
        _hold(joint, by, at, JOINT_KEEPS_IT)


def _hold(joint: JointInspection, by: Actor, at: datetime, note: str) -> None:
    inspection = Inspection.objects.get(pk=joint.inspection_id)
    if INSPECTION["hold"].allowed_from(inspection.state):
        hold(
            inspection_id=inspection.pk,
            port_code=inspection.port_id,
            note=note,
            by=by,
            at=at,
        )


def _change(joint: JointInspection, name: str, by: Actor, **data: object) -> None:
    transition = JOINT.check(name, joint.state)
    joint.state = transition.target
    joint.save()
    record(transition.action, joint.inspection, by, **data)
