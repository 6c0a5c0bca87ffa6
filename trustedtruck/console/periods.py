"""The period that a page is asked about."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lanes.models import Assignment

MOST = timedelta(days=31)
MOST_DECISIONS = 50_000
FORMAT = "%Y-%m-%d %H:%M"


class PeriodForm(forms.Form):
    """From an instant until before another, for what can be read while somebody waits."""

    start = forms.DateTimeField(
        label=pgettext_lazy("since when", "From"), help_text=_("For example 2026-03-01 06:00.")
    )
    end = forms.DateTimeField(label=_("Until"))

    def __init__(self, data: Mapping[str, Any], *, port_code: str, now: datetime) -> None:
        begin, end = (timezone.localtime(at) for at in (now - timedelta(days=1), now))
        usual = {"start": begin.strftime(FORMAT), "end": end.strftime(FORMAT)}
        super().__init__(data or None, initial=usual)
        self.port_code = port_code

    def clean_end(self) -> datetime:
        end: datetime = self.cleaned_data["end"]
        start: datetime | None = self.cleaned_data.get("start")
        if start is None:
            return end
        if end <= start:
            raise forms.ValidationError(_("The end must come after the beginning."))
        if end - start > MOST:
            raise forms.ValidationError(_("At most 31 days at once."))
        decided = Assignment.objects.filter(
            port=self.port_code, decided_at__gte=start, decided_at__lt=end
        )
        if decided.count() > MOST_DECISIONS:
            text = _("More than 50,000 decisions: ask for a shorter period.")
            raise forms.ValidationError(text)
        return end

    @property
    def period(self) -> tuple[datetime, datetime] | None:
        """None where nothing was asked, or something is wrong."""
        if not self.is_bound or not self.is_valid():
            return None
        return self.cleaned_data["start"], self.cleaned_data["end"]
