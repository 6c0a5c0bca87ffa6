"""The audit: filtered, read as sentences, exported."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.audit.export import note_export
from trustedtruck.audit.models import Event, Link
from trustedtruck.audit.presenters import changes, sentence, what, who
from trustedtruck.audit.sentences import SENTENCES
from trustedtruck.console.access import officer_page
from trustedtruck.console.pages.base import show
from trustedtruck.core.fields import instant
from trustedtruck.core.spreadsheets import harmless
from trustedtruck.pages.lists import page_of

MOST_EXPORTED = 100_000
LAST_DAY = date.max - timedelta(days=1)
HEAD = ("id", "at", "action", "who", "from", "on_behalf_of", "subject", "port", "request", "text")


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


class FilterForm(forms.Form):
    """Which events; without a beginning, those of the last seven days. Days are UTC's."""

    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    action = forms.ChoiceField(
        label=_("Action"),
        required=False,
        choices=[("", _("any")), *((action, action) for action in sorted(SENTENCES))],
    )
    actor = forms.CharField(label=_("Who"), required=False, max_length=64)
    subject = forms.CharField(
        label=_("About"), required=False, max_length=97, help_text=_("For example arrival:018f…")
    )
    port = forms.CharField(label=_("Port"), required=False, max_length=4)

    def rows(self) -> QuerySet[Event]:
        """The events asked for; none for a filter that cannot be read."""
        if not self.is_valid():
            return Event.objects.none()
        values = self.cleaned_data
        rows = Event.objects.order_by("-id")
        kind, _colon, subject = values["subject"].partition(":")
        if subject:
            rows = rows.filter(subject_kind=kind, subject_id=subject)
        elif kind:
            rows = rows.filter(subject_id=kind)
        since = values["since"]
        if since or not values["subject"]:
            week = timezone.now() - timedelta(days=7)
            rows = rows.filter(at__gte=_begin(since) if since else week)
        if values["until"]:
            rows = rows.filter(at__lt=_begin(min(values["until"], LAST_DAY) + timedelta(days=1)))
        if values["action"]:
            rows = rows.filter(action=values["action"])
        if values["actor"]:
            rows = rows.filter(actor_label__icontains=values["actor"])
        if values["port"]:
            rows = rows.filter(port_code=values["port"])
        return rows


@require_safe
@officer_page(Permission.AUDIT_READ)
def events(request: HttpRequest, officer: User) -> HttpResponse:
    form = FilterForm(request.GET)
    page = page_of(request, form.rows())
    context = {
        "form": form,
        "page": page,
        "rows": [(event, sentence(event), who(event)) for event in page],
        "newest": Link.objects.order_by("-position").first(),
    }
    return show(request, officer, "console/audit.html", context)


@require_safe
@officer_page(Permission.AUDIT_READ)
def event(request: HttpRequest, officer: User, event_id: int) -> HttpResponse:
    """One event with all that it says, and its place in the chain."""
    found = get_object_or_404(Event, pk=event_id)
    link = Link.objects.filter(event_id=event_id).first()
    context = {
        "event": found,
        "text": sentence(found),
        "who": who(found),
        "what": what(found),
        "changes": list(changes(found)),
        "data": json.dumps(found.data, indent=2, ensure_ascii=False, sort_keys=True),
        "link": link,
        "hash": bytes(link.hash).hex() if link else "",
    }
    return show(request, officer, "console/audit_event.html", context)


@require_safe
@officer_page(Permission.AUDIT_READ)
def export(request: HttpRequest, officer: User) -> HttpResponseBase:
    """The filtered events as CSV or JSON lines; the export itself is on record."""
    rows = FilterForm(request.GET).rows()[:MOST_EXPORTED]
    as_json = request.GET.get("format") == "jsonl"
    note_export(by=officer.actor, query=request.GET.urlencode()[:500])
    lines = _json_lines(rows) if as_json else _csv_lines(rows)
    media, name = ("application/jsonl", "jsonl") if as_json else ("text/csv; charset=utf-8", "csv")
    response = StreamingHttpResponse(lines, content_type=media)
    response["Content-Disposition"] = f'attachment; filename="audit.{name}"'
    return response


class _Line:
    """What csv writes into: it hands back each line."""

    def write(self, text: str) -> str:
        return text


def _csv_lines(rows: QuerySet[Event]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow(HEAD)
    for found in rows.iterator(chunk_size=1000):
        yield writer.writerow([harmless(value) for value in _values(found)])


def _json_lines(rows: QuerySet[Event]) -> Iterator[str]:
    for found in rows.iterator(chunk_size=1000):
        body = dict(zip(HEAD, _values(found), strict=True)) | {"data": found.data}
        yield json.dumps(body, ensure_ascii=False) + "\n"


def _values(found: Event) -> list[Any]:
    return [
        found.pk,
        instant(found.at),
        found.action,
        f"{found.actor_kind}:{found.actor_id} {found.actor_label}".strip(),
        found.ip,
        found.on_behalf_of,
        f"{found.subject_kind}:{found.subject_id}",
        found.port_code,
        found.request_id,
        sentence(found),
    ]
