"""What the page of a truck shows of its joint inspection."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lanes.inspections.models import Inspection, JointInspection, JointVerdict, Word
from lanes.inspections.services.joint import check_may_judge
from trustedtruck.accounts.can import user_can
from trustedtruck.accounts.models import Agency, User
from trustedtruck.accounts.roles import Permission
from trustedtruck.core.errors import Refused
from trustedtruck.pages.forms import ServiceForm


class WordForm(ServiceForm):
    word = forms.ChoiceField(
        label=_("Verdict of your agency"), choices=Word.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(label=_("Why"), max_length=2000)


def may_examine(officer: User, inspection: Inspection) -> bool:
    """Inspectors of the port any truck; a partner's officers what both countries inspect."""
    code = inspection.port_id
    if user_can(officer, Permission.INSPECTION_WRITE, code):
        return True
    joint = JointInspection.objects.filter(inspection=inspection).first()
    return user_can(officer, Permission.JOINT_EXAMINE, code) and _takes_part(officer, joint)


def _takes_part(officer: User, joint: JointInspection | None) -> bool:
    return joint is not None and officer.agency_id in (joint.agency_a_id, joint.agency_b_id)


def _not_awaited(
    joint: JointInspection | None, verdicts: list[JointVerdict], officer: User
) -> Refused | None:
    """Why this officer has no word to give now."""
    if joint is None or officer.agency is None:
        return None
    try:
        check_may_judge(joint, verdicts, agency=officer.agency, by=officer.actor)
    except Refused as refusal:
        return refusal
    return None


def joint_part(
    inspection: Inspection, officer: User, wrong: dict[str, ServiceForm]
) -> dict[str, Any]:
    """Its agencies and verdicts; whom to invite where there is none yet."""
    joint = JointInspection.objects.filter(inspection=inspection).first()
    agency = officer.agency
    partners = Agency.objects.exclude(country=agency.country) if agency else Agency.objects.none()
    verdicts = list(joint.verdicts.select_related("agency")) if joint else []
    refusal = _not_awaited(joint, verdicts, officer)
    takes_part = joint is not None and not joint.result and _takes_part(officer, joint)
    return {
        "joint": joint,
        "joint_verdicts": verdicts,
        "joint_partners": partners.order_by("pk"),
        "joint_mine": takes_part and refusal is None,
        "joint_waits": refusal.text if takes_part and refusal else "",
        "joint_form": wrong.get("joint_verdict") or WordForm(auto_id="joint_%s"),
    }
