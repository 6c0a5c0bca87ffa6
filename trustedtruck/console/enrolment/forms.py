"""What an enrolment officer writes: always reasons, sometimes a choice."""

from collections.abc import Collection
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
    """Reasons, and which of the buttons was pressed where there are several: `decisions`.

    Nothing is decided by a form that says neither: least of all the harder of two things.
    """

    reasons = long_text(_("Reasons"), help_text=_("The carrier reads them."))

    def __init__(self, *args: Any, decisions: Collection[str] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.decisions = decisions

    @property
    def decision(self) -> str:
        return str(self.data.get("decision", ""))

    def clean(self) -> dict[str, Any]:
        if self.decisions and self.decision not in self.decisions:
            raise forms.ValidationError(_("Say by one of the buttons what you decide."))
        return self.cleaned_data


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
