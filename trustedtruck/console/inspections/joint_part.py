"""What the page of a truck shows of its joint inspection."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lanes.inspections.models import Inspection, JointInspection, Word
from trustedtruck.accounts.models import Agency, User
from trustedtruck.portal.forms.base import ServiceForm


class WordForm(ServiceForm):
    word = forms.ChoiceField(
        label=_("Verdict of your agency"), choices=Word.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(label=_("Why"), max_length=2000)


def joint_part(
    inspection: Inspection, officer: User, wrong: dict[str, ServiceForm]
) -> dict[str, Any]:
    """Its agencies and verdicts; whom to invite where there is none yet."""
    joint = JointInspection.objects.filter(inspection=inspection).first()
    agency = officer.agency
    partners = Agency.objects.exclude(country=agency.country) if agency else Agency.objects.none()
    mine = joint is not None and officer.agency_id in (joint.agency_a_id, joint.agency_b_id)
    return {
        "joint": joint,
        "joint_verdicts": joint.verdicts.select_related("agency") if joint else [],
        "joint_partners": partners.order_by("pk"),
        "joint_mine": mine and joint is not None and not joint.result,
        "joint_form": wrong.get("joint_verdict") or WordForm(auto_id="joint_%s"),
    }
