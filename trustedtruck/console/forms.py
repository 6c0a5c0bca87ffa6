"""The form in which a policy is drafted: one field for each thing that a policy decides."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from lanes.rules.policy import LANE_POLICIES, Policy
from lanes.rules.policy_check import faults
from lanes.rules.policy_diff import percent, share
from trustedtruck.console.campaigns import PARTS, box, boxes_of, campaigns
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
_RATES = {
    "sampling_by_tier": _("One a line, as in 1: 10 %."),
    "sampling_by_commodity": _("One a line, as in 07: 5 %."),
    "sampling_by_record": _(
        "For all three or for none, one a line: clean: 1 %, findings: 20 %, unknown: 5 %."
    ),
}
# Where the policy's own words ask for what only its JSON can hold.
_IN_BOXES = {
    "not_a_rate": gettext_noop("Write a share such as 25 %%, or a number from 0 to 1."),
    "not_an_instant": gettext_noop("Write date and time as in 2026-03-01 06:00."),
}
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
            if not colon or not key or key in rates or (number := share(rate)) is None:
                raise forms.ValidationError(
                    _("“%(line)s” is not a line such as 07: 5 %%, or is there twice."),
                    params={"line": line.strip()},
                )
            rates[key] = number
        return rates


class PolicyForm(ServiceForm):
    """Built from the fields of a policy, so that a new one cannot be forgotten here."""

    note = forms.CharField(
        label=_("What this version is for"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, begin: Policy, **options: Any) -> None:
        super().__init__(*args, **options)
        self._begin = begin.as_json()
        for name, value in self._begin.items():
            if name == "campaigns":
                self.fields |= boxes_of(value, self.data if self.is_bound else None)
            else:
                self.fields[name] = _field(name, value)

    def settings(self) -> list[forms.BoundField]:
        """All boxes but those of the campaigns."""
        return [self[name] for name in self.fields if not name.startswith("campaigns.")]

    def campaign_sets(self) -> list[tuple[str, bool, list[forms.BoundField]]]:
        """Each campaign's name, whether its boxes hold anything or are wrong, and its boxes."""
        count = sum(name.startswith("campaigns.") for name in self.fields) // len(PARTS)
        sets = [[self[box(index, part)] for part in PARTS] for index in range(count)]
        return [
            (str(boxes[0].value() or ""), any(b.value() or b.errors for b in boxes), boxes)
            for boxes in sets
        ]

    def body(self) -> dict[str, Any]:
        """The policy's body; a box that cannot be read counts as what stood in it to begin with."""
        found = self._begin | {
            f.name: self.cleaned_data[f.name]
            for f in self.settings()
            if f.name in self.cleaned_data
        }
        found.pop("note", None)
        if isinstance(goods := found["certificates_required"], str):
            found["certificates_required"] = goods.replace(",", " ").split()
        found["campaigns"], self._places = campaigns(self.cleaned_data)
        return found

    def clean(self) -> dict[str, Any]:
        """All that is wrong is said at once: what no box can hold, and what no policy can."""
        values = super().clean() or self.cleaned_data
        unread = set(self.errors)
        for fault in faults(self.body()):
            name, inside = self._place(fault.field)
            if name not in unread:
                text = _IN_BOXES.get(fault.finding.code, fault.finding.text)
                self._say(name, inside, gettext(text) % fault.finding.params)
        return values

    def refuse(self, error: DomainError) -> None:
        """`sampling_by_tier.1` is about the field `sampling_by_tier`."""
        for wrong in error.errors:
            self._say(*self._place(wrong.field), str(wrong.text))
        if not error.errors:
            self.add_error(None, str(error.text))

    def _say(self, name: str | None, inside: str, text: str) -> None:
        text = f"{inside}: {text}" if inside else text
        if text not in self.errors.get(name or "__all__", []):
            self.add_error(name, text)

    def _place(self, path: str) -> tuple[str | None, str]:
        """The field that a path of the policy's body is about, and what it says within that."""
        words = path.split(".")
        if words[0] == "campaigns" and len(words) > 2:
            return box(self._places[int(words[1])], words[2]), ""
        name = words[0]
        return (name if name in self.fields else None), ".".join(words[1:])


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
        return forms.FloatField(label=label, initial=int(value) if value == int(value) else value)
    lines = "\n".join(f"{key}: {percent(rate)}" for key, rate in sorted(value.items()))
    return RatesField(
        label=label,
        initial=lines,
        help_text=_RATES[name],
        required=name == "sampling_by_tier",
    )
