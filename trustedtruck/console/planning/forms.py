"""The form of a what-if: the numbers a planner changes most, shifts as rows, the rest as it was."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from lanes.planning.simulator.hours import KINDS
from lanes.planning.simulator.scenario import Scenario
from lanes.rules.policy import LANE_POLICIES
from trustedtruck.console.forms import LANE_POLICY_TEXTS
from trustedtruck.core.errors import DomainError
from trustedtruck.pages.forms import ServiceForm

ROWS = 5
COLUMNS = {
    "start": _("From (hour)"),
    "end": _("To (hour)"),
    "fast": _("Fast booths"),
    "standard": _("Standard booths"),
    "nii": _("Scanners"),
    "docks": _("Docks"),
    "partner": _("Places of the other country"),
}
# Shares are written in percent on the page and as fractions in a scenario.
PERCENT = {
    "growth": _("Growth of traffic (%)"),
    "enrolled": _("Laden trucks enrolled in the programme (%)"),
    "empty": _("Empty trucks (%)"),
    "referred": _("Other trucks referred to secondary (%)"),
}
SECONDS = {
    "fast": _("Seconds at the booth, fast truck"),
    "standard": _("Seconds at the booth, standard truck"),
}


def _number(label: Any, *, whole: bool = False, required: bool = True) -> forms.Field:
    kind = forms.IntegerField if whole else forms.FloatField
    return kind(label=label, required=required, localize=False)


class WhatIfForm(ServiceForm):
    """`begin` is the scenario that the form shows first, and that gives what it does not ask."""

    name = forms.CharField(label=_("Name of this run"), max_length=80)
    trucks = _number(_("Trucks a day"))
    growth = _number(PERCENT["growth"])
    enrolled = _number(PERCENT["enrolled"])
    empty = _number(PERCENT["empty"])
    referred = _number(PERCENT["referred"])
    fast_seconds = _number(SECONDS["fast"])
    standard_seconds = _number(SECONDS["standard"])
    policy = forms.ChoiceField(label=_("Policy"))
    lane_policy = forms.ChoiceField(
        label=_("Fast lanes"),
        choices=[(key, LANE_POLICY_TEXTS[key]) for key in LANE_POLICIES],
        widget=forms.RadioSelect,
    )
    fast_approach = forms.ChoiceField(
        label=_("Approach of fast trucks"),
        choices=[("shared", _("in line with the others")), ("own", _("a road of their own"))],
        widget=forms.RadioSelect,
    )
    method = forms.ChoiceField(
        label=_("Secondary inspection"),
        choices=[("nii", _("scanned first")), ("docks", _("all unloaded at a dock"))],
        widget=forms.RadioSelect,
    )
    partner = forms.ChoiceField(
        label=_("Inspection by both countries"),
        choices=[
            ("none", _("none")),
            ("before", _("one after the other")),
            ("joint", _("once, together")),
        ],
        widget=forms.RadioSelect,
    )
    replications = _number(_("Days to simulate"), whole=True)
    target_minutes = _number(
        _("Instead, find lane hours for a wait of at most (minutes)"), required=False
    )

    def __init__(
        self, *args: Any, begin: Scenario, policies: dict[str, Any], name: str = "", **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.begin, self.policies = begin, policies
        self.fields["policy"].choices = [(key, label) for key, (label, _body) in policies.items()]  # type: ignore[attr-defined]
        for row in range(ROWS):
            for column, label in COLUMNS.items():
                whole = column in KINDS
                self.fields[f"shift_{row}_{column}"] = _number(label, whole=whole, required=False)
        self.initial.update({"name": name, **_initial(begin)})

    def main_fields(self) -> Iterator[BoundField]:
        return (self[name] for name in self.fields if not name.startswith("shift_"))

    def rows(self) -> list["Row"]:
        return [
            Row(row, [self[f"shift_{row}_{column}"] for column in COLUMNS]) for row in range(ROWS)
        ]

    def body(self) -> dict[str, Any]:
        """The scenario's body; the service says what is wrong with it."""
        given = self.cleaned_data
        _label, policy = self.policies[given["policy"]]
        times = self.begin.times
        return self.begin.as_json() | {
            "trucks": given["trucks"],
            **{name: round(given[name] / 100, 6) for name in PERCENT},
            "shifts": self._shifts(),
            "policy": {**policy, "lane_policy": given["lane_policy"]},
            "fast_approach": given["fast_approach"],
            "method": given["method"],
            "partner": given["partner"],
            "replications": given["replications"],
            "times": {
                **{name: getattr(times, name).as_json() for name in times.__slots__},
                "fast": times.fast.as_json() | {"mean": given["fast_seconds"]},
                "standard": times.standard.as_json() | {"mean": given["standard_seconds"]},
            },
        }

    def _shifts(self) -> list[dict[str, Any]]:
        found = []
        for row in range(ROWS):
            values = {c: self.cleaned_data.get(f"shift_{row}_{c}") for c in COLUMNS}
            if any(value is not None for value in values.values()):
                found.append({c: value for c, value in values.items() if value is not None})
        return found

    def refuse(self, error: DomainError) -> None:
        """A scenario's field beside the form's: `times.fast.mean` is `fast_seconds`."""
        for wrong in error.errors:
            parts = wrong.field.split(".")
            name: str | None = parts[0]
            if parts[0] == "shifts":
                column = parts[2] if len(parts) > 2 else "start"
                name = f"shift_{self._row(parts)}_{column}" if len(parts) > 1 else None
            elif parts[0] == "times":
                name = f"{parts[1]}_seconds" if len(parts) > 1 else None
            self.add_error(name if name in self.fields else None, str(wrong.text))
        if not error.errors:
            self.add_error(None, str(error.text))

    def _row(self, parts: list[str]) -> int:
        """Rows that were left empty are no shifts: count those that were filled in."""
        filled = [
            row
            for row in range(ROWS)
            if any(self.cleaned_data.get(f"shift_{row}_{c}") is not None for c in COLUMNS)
        ]
        return filled[int(parts[1])]


@dataclass(frozen=True)
class Row:
    number: int
    fields: list[BoundField]

    @property
    def errors(self) -> list[str]:
        return [f"{field.label}: {error}" for field in self.fields for error in field.errors]


def _initial(begin: Scenario) -> dict[str, Any]:
    found: dict[str, Any] = {
        "trucks": round(begin.trucks),
        **{name: round(100 * getattr(begin, name), 4) for name in PERCENT},
        **{name: getattr(begin, name) for name in ("fast_approach", "method", "partner")},
        "fast_seconds": round(begin.times.fast.mean, 1),
        "standard_seconds": round(begin.times.standard.mean, 1),
        "lane_policy": begin.policy.lane_policy,
        "replications": begin.replications,
    }
    for row, shift in enumerate(begin.shifts[:ROWS]):
        for column, value in shift.as_json().items():
            found[f"shift_{row}_{column}"] = value
    return found


class NameForm(ServiceForm):
    name = forms.CharField(label=_("Save this scenario as"), max_length=80)
