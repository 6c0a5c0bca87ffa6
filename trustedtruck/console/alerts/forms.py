"""The forms of alerts, feedback, seizures, partners and agreements."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trustedtruck.alerts.drafts import INSTRUCTION, REASON, Draft, Wanted
from trustedtruck.alerts.kinds import MAX_NAME, Kind
from trustedtruck.alerts.marks import RELEASABLE, Mark
from trustedtruck.alerts.models import Alert, Category, Feedback, Severity
from trustedtruck.alerts.models.sharing import Field
from trustedtruck.alerts.services.agreements import Terms
from trustedtruck.alerts.services.messages import Taken
from trustedtruck.core.errors import DomainError
from trustedtruck.pages.forms import ServiceForm, day, long_text, text

ROWS = 6


def _begin(value: Any) -> datetime:
    return datetime.combine(value, time.min, timezone.get_current_timezone())


class AlertForm(ServiceForm):
    """An alert, with so many rows of criteria; each row can be joined to the one above it."""

    category = forms.ChoiceField(label=_("Category"), choices=Category.choices)
    severity = forms.ChoiceField(label=_("Severity"), choices=Severity.choices, initial="medium")
    mark = forms.ChoiceField(
        label=_("Mark"),
        choices=Mark.choices,
        initial=Mark.AMBER,
        help_text=_("AMBER+STRICT and RED never leave this agency."),
    )
    reason = long_text(_("Reason"), rows=3)
    instruction = long_text(_("What to do with the truck"), rows=2)
    valid_from = day(_("In force from"))
    valid_until = day(_("In force until (not that day itself)"), required=False)
    review_date = day(_("To be reviewed on"))

    def __init__(self, *args: Any, alert: Alert | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].max_length = REASON  # type: ignore[attr-defined]
        self.fields["instruction"].max_length = INSTRUCTION  # type: ignore[attr-defined]
        today = timezone.localdate()
        self.initial.update(valid_from=today, review_date=today + timedelta(days=30))
        rows = [(c.clause, c.kind, c.value) for c in alert.criteria.all()] if alert else []
        if alert is not None:
            for name in ("category", "severity", "mark", "reason", "instruction", "review_date"):
                self.initial[name] = getattr(alert, name)
            self.initial["valid_from"] = timezone.localdate(alert.valid_from)
            if alert.valid_until:
                self.initial["valid_until"] = timezone.localdate(alert.valid_until)
        self.rows = max(ROWS, len(rows) + 2)
        for n in range(self.rows):
            self._add_row(n, rows)

    def _add_row(self, n: int, rows: list[tuple[int, str, str]]) -> None:
        self.fields[f"kind_{n}"] = forms.ChoiceField(
            label=_("%(n)d. On") % {"n": n + 1}, choices=[("", "—"), *Kind.choices], required=False
        )
        self.fields[f"value_{n}"] = forms.CharField(
            label=_("Value"), max_length=MAX_NAME, required=False
        )
        if n:
            self.fields[f"and_{n}"] = forms.BooleanField(
                label=_("only together with the row above"), required=False
            )
        if n < len(rows):
            clause, kind, value = rows[n]
            self.initial.update({f"kind_{n}": kind, f"value_{n}": value})
            self.initial[f"and_{n}"] = n > 0 and rows[n - 1][0] == clause

    def draft(self) -> Draft:
        """What the form says; the service says what is wrong with it."""
        found = self.cleaned_data
        until = found["valid_until"]
        criteria, clause, self._row_of = [], 0, []
        for n in range(self.rows):
            if found[f"kind_{n}"] or found[f"value_{n}"]:
                clause += not found.get(f"and_{n}", False)
                criteria.append(Wanted(clause, found[f"kind_{n}"], found[f"value_{n}"]))
                self._row_of.append(n)
        return Draft(
            category=found["category"],
            severity=found["severity"],
            mark=found["mark"],
            reason=found["reason"],
            instruction=found["instruction"],
            valid_from=_begin(found["valid_from"]),
            valid_until=_begin(until) if until else None,
            review_date=found["review_date"],
            criteria=tuple(criteria),
        )

    def refuse(self, error: DomainError) -> None:
        """`criteria.0.value` is about the first row that was filled in."""
        for wrong in error.errors:
            name = wrong.field
            if name.startswith("criteria."):
                _criteria, place, part = name.split(".")
                name = f"{part}_{self._row_of[int(place)]}"
            elif name == "criteria":
                name = "kind_0"
            self.add_error(name if name in self.fields else None, str(wrong.text))
        if not error.errors:
            self.add_error(None, str(error.text))


class EndForm(ServiceForm):
    note = text(_("Why"), limit=500)


def _why(asked: Any) -> Any:
    """The reason that a service must have; `asked` is what it says where there is none."""
    return text(_("Why"), limit=500, error_messages={"required": asked})


class DismissForm(ServiceForm):
    note = _why(_("Say how you know that it is somebody else."))


class ExplainForm(ServiceForm):
    note = _why(_("Write the explanation that you found."))


class RejectForm(ServiceForm):
    note = _why(_("Say why it is not taken in."))


class ReviewForm(ServiceForm):
    review_date = day(_("Next review on"))


class RenewForm(ServiceForm):
    valid_until = day(_("In force until (not that day itself)"), required=False)
    review_date = day(_("Next review on"))
    note = text(_("Why"), limit=500)

    def until(self) -> datetime | None:
        end = self.cleaned_data["valid_until"]
        return _begin(end) if end else None


class FeedbackForm(ServiceForm):
    result = forms.ChoiceField(label=_("What came of it"), choices=Feedback.Result.choices)
    mark = forms.ChoiceField(label=_("Mark"), choices=Mark.choices, initial=Mark.AMBER)
    note = long_text(_("Note"), required=False, rows=2)


class SeizureForm(ServiceForm):
    category = forms.ChoiceField(label=_("Category"), choices=Category.choices)
    goods = text(_("What was seized"))
    quantity = forms.DecimalField(label=_("Quantity"), max_digits=14, decimal_places=3)
    unit = text(_("Unit"), limit=8, initial="kg")
    hs_code = text(_("HS code"), required=False, limit=10)
    concealment = text(_("Where it was hidden"), required=False)
    seized_at = forms.DateTimeField(label=_("Seized at (UTC)"), help_text=_("2026-03-01 06:00"))
    mark = forms.ChoiceField(label=_("Mark"), choices=Mark.choices, initial=Mark.AMBER)
    note = long_text(_("Note"), required=False, rows=2)

    def taken(self, port_code: str) -> Taken:
        found = self.cleaned_data
        return Taken(
            category=found["category"],
            goods=found["goods"],
            quantity=Decimal(found["quantity"]),
            unit=found["unit"],
            seized_at=found["seized_at"],
            hs_code=found["hs_code"],
            concealment=found["concealment"],
            port_code=port_code,
            note=found["note"],
        )


class PartnerForm(ServiceForm):
    """A new partner: one of the agencies, or a new one."""

    code = forms.RegexField(r"^[A-Z0-9][A-Z0-9-]{1,15}\Z", label=_("Code"), help_text="MX-ANAM")
    name = text(_("Name"), limit=120)
    country = forms.RegexField(r"^[A-Z]{2}\Z", label=_("Country (two letters)"))


class InboxForm(ServiceForm):
    inbox_url = forms.CharField(label=_("Address of its inbox"), max_length=300, required=False)
    secret = forms.CharField(
        label=_("Secret of its inbox"),
        max_length=100,
        required=False,
        help_text=_("Empty: as before."),
    )
    messages_per_minute = forms.IntegerField(label=_("Messages it may send in a minute"))


class PartnerKeyForm(ServiceForm):
    """What a partner's key may do besides reading and sending alerts."""

    certificates = forms.BooleanField(
        label=_("It may also send plant-health certificates"), required=False
    )


class AgreementForm(ServiceForm):
    title = text(_("Title"), limit=120)
    categories = forms.MultipleChoiceField(
        label=_("Categories that it may receive"),
        choices=Category.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    fields_ = forms.MultipleChoiceField(
        label=_("Fields that it may receive"),
        choices=Field.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The last four can name persons."),
    )
    max_mark = forms.ChoiceField(
        label=_("Up to the mark"),
        choices=[(m.value, m.label) for m in RELEASABLE],
        initial=Mark.AMBER,
    )
    accepts = forms.MultipleChoiceField(
        label=_("Categories that we take from it without asking"),
        choices=Category.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    valid_until = day(_("Until (not that day itself)"), required=False)

    def terms(self, at: datetime) -> Terms:
        found = self.cleaned_data
        until = found["valid_until"]
        return Terms(
            title=found["title"],
            categories=found["categories"],
            fields=found["fields_"],
            max_mark=found["max_mark"],
            accepts=found["accepts"],
            valid_from=at,
            valid_until=_begin(until) if until else None,
        )
