"""The form in which a policy is drafted: one field for each thing that a policy decides."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from lanes.rules.policy import LANE_POLICIES, Policy
from lanes.rules.policy_diff import percent
from trustedtruck.core.errors import DomainError
from trustedtruck.pages.forms import ServiceForm

LABELS = {
    "sampling_by_tier": _("Drawn at random, by tier"),
    "sampling_by_commodity": _("Drawn at random, by HS chapter"),
    "sampling_by_record": _("Drawn at random, by record"),
    "certificates_required": _("Goods that need a plant-health certificate"),
    "campaigns": _("Campaigns"),
    "late_report_s": _("A report counts as late after (seconds)"),
    "filing_minutes": _("Manifest complete before arrival (minutes)"),
    "fast_filing_minutes": _("The same for the fast lane (minutes)"),
    "trip_window_hours": _("A trip may be off its expected arrival by (hours)"),
    "weight_tolerance": _("The scale may differ from the manifest by (share)"),
    "require_weight": _("The scale must have weighed the truck"),
    "require_radiation": _("The radiation portal must have measured"),
    "clone_minutes": _("Shortest time between two gates for one tag (minutes)"),
    "lane_policy": _("Fast lanes"),
    "deadline_ms": _("Longest time for a decision (ms; empty: the port’s own)"),
    "no_show_minutes": _("A truck must appear at its station within (minutes)"),
    "second_look_score": _("Two people clear a scan with a mark from this score (0 to 1)"),
    "long_stop_minutes": _("A jointly released truck reaches the second point within (minutes)"),
}
_PREFIXES = _("The first 2, 4 or 6 digits of HS codes, with commas: 07, 0804, 440710.")
_RATES = _("One a line, as in 07: 5 %.")
_CAMPAIGNS = format_lazy(
    "{} [{}]",
    _("As JSON: rates are numbers from 0 to 1; tiers, chapters and carriers may be left out."),
    '{"name": "Limes", "rate": 0.25, "from": "2026-03-01T00:00:00-06:00", "until": null, '
    '"tiers": [1], "chapters": ["08"], "carriers": ["NRTE"]}',
)
LANE_POLICY_TEXTS = {
    "dedicated": _("for fast trucks only"),
    "open": _("for others too while they stand idle"),
    "priority": _("fast trucks may use every lane, ahead of the others"),
}


class RatesField(forms.CharField):
    """Rates by a key, one a line: `07: 5 %` or `07: 0.05`. The service judges keys and rates."""

    widget = forms.Textarea(attrs={"rows": 3})

    def to_python(self, value: Any) -> dict[str, float]:  # type: ignore[override]
        rates: dict[str, float] = {}
        for line in (super().to_python(value) or "").splitlines():
            key, colon, rate = (part.strip() for part in line.partition(":"))
            if not line.strip():
                continue
            if not colon or not key or key in rates or (number := _rate(rate)) is None:
                raise forms.ValidationError(
                    _("“%(line)s” is not a line such as 07: 5 %%, or is there twice."),
                    params={"line": line.strip()},
                )
            rates[key] = number
        return rates


def _rate(text: str) -> float | None:
    """A share, or a number of percent; in decimals, so that 7 % is 0.07."""
    number, sign, rest = text.partition("%")
    try:
        share = float(Decimal(number.strip()) / (100 if sign else 1))
    except (ArithmeticError, ValueError):
        return None
    return None if rest else share


class PolicyForm(ServiceForm):
    """Built from the fields of a policy, so that a new one cannot be forgotten here."""

    note = forms.CharField(
        label=_("What this version is for"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, begin: Policy, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, value in begin.as_json().items():
            self.fields[name] = _field(name, value)

    def body(self) -> dict[str, Any]:
        """The policy's body; the service says what is wrong with it."""
        found = {}
        for name, field in self.fields.items():
            value = self.cleaned_data[name]
            if name == "certificates_required":
                value = value.replace(",", " ").split()
            # An empty box is no campaign at all, not a missing setting.
            empty = [] if isinstance(field.initial, list) else value
            found[name] = empty if value is None else value
        del found["note"]
        return found

    def refuse(self, error: DomainError) -> None:
        """`sampling_by_tier.1` is about the field `sampling_by_tier`."""
        for wrong in error.errors:
            name, _dot, inside = wrong.field.partition(".")
            text = f"{inside}: {wrong.text}" if inside else str(wrong.text)
            self.add_error(name if name in self.fields else None, text)
        if not error.errors:
            self.add_error(None, str(error.text))


def _field(name: str, value: Any) -> forms.Field:
    label = LABELS.get(name, name)
    if name == "lane_policy":
        choices = [(key, LANE_POLICY_TEXTS[key]) for key in LANE_POLICIES]
        return forms.ChoiceField(
            label=label, choices=choices, initial=value, widget=forms.RadioSelect
        )
    if name == "certificates_required":
        return forms.CharField(
            label=label, initial=", ".join(value), help_text=_PREFIXES, required=False
        )
    if isinstance(value, bool):
        return forms.BooleanField(label=label, initial=value, required=False)
    if value is None or name == "deadline_ms":
        return forms.FloatField(label=label, initial=value, required=False)
    if isinstance(value, int | float):
        return forms.FloatField(label=label, initial=value)
    if isinstance(value, dict):
        lines = "\n".join(f"{key}: {percent(rate)}" for key, rate in sorted(value.items()))
        return RatesField(label=label, initial=lines, help_text=_RATES, required=False)
    return forms.JSONField(
        label=label,
        initial=value,
        help_text=_CAMPAIGNS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
