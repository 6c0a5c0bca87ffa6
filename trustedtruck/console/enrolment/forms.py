"""What an enrolment officer writes: always reasons, sometimes a choice."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from trustedtruck.carriers.models import Application, Measure, SiteVisit
from trustedtruck.pages.forms import ServiceForm, day, long_text

FINDINGS = 3


class AskForm(ServiceForm):
    text = long_text(_("What must the carrier explain or send?"))


class AdviceForm(ServiceForm):
    advice = forms.ChoiceField(
        label=_("Your advice"), choices=Application.Advice, widget=forms.RadioSelect
    )
    reasons = long_text(_("Reasons"))


class ReasonsForm(ServiceForm):
    reasons = long_text(_("Reasons"), help_text=_("The carrier reads them."))


class VisitForm(ServiceForm):
    visited_date = day(_("Day of the visit"))
    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=SiteVisit.Outcome, widget=forms.RadioSelect
    )
    report = long_text(_("Report"), rows=8)
    criterion_1 = forms.CharField(label=_("Criterion (finding 1)"), required=False, max_length=16)
    finding_1 = forms.CharField(label=_("Finding 1"), required=False, max_length=500)
    criterion_2 = forms.CharField(label=_("Criterion (finding 2)"), required=False, max_length=16)
    finding_2 = forms.CharField(label=_("Finding 2"), required=False, max_length=500)
    criterion_3 = forms.CharField(label=_("Criterion (finding 3)"), required=False, max_length=16)
    finding_3 = forms.CharField(label=_("Finding 3"), required=False, max_length=500)

    def findings(self) -> list[dict[str, Any]]:
        data = self.cleaned_data
        return [
            {"criterion": data[f"criterion_{n}"], "text": data[f"finding_{n}"]}
            for n in range(1, FINDINGS + 1)
            if data[f"finding_{n}"]
        ]


class MeasureForm(ServiceForm):
    grade = forms.ChoiceField(label=_("Sanction"), choices=Measure.Grade, widget=forms.RadioSelect)
    reasons = long_text(_("Reasons"), help_text=_("The carrier reads them."))
    ends_date = day(
        _("Ends on"), required=False, help_text=_("For a temporary loss of privileges.")
    )
