"""Alarms of a port: what an officer must look at now."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from lanes.models import Alarm
from lanes.services.alarms import close_alarm
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.console.access import officer_page
from trustedtruck.console.pages.base import port_or_404, show
from trustedtruck.pages.forms import RefusedRow, ServiceForm, form_of_row
from trustedtruck.pages.lists import page_of
from trustedtruck.pages.outcome import carried_out

PER_PAGE = 25


class NoteForm(ServiceForm):
    note = forms.CharField(label=gettext_lazy("What you found"), max_length=2000)


@require_safe
@officer_page(Permission.BOARD_READ)
def alarms(request: HttpRequest, officer: User, code: str) -> HttpResponse:
    return _alarms(request, officer, code)


def _alarms(
    request: HttpRequest, officer: User, code: str, wrong: RefusedRow | None = None
) -> HttpResponse:
    """Open ones first. `wrong` is the alarm whose form was refused, with that form."""
    rows = Alarm.objects.filter(port_id=code).select_related("arrival")
    page = page_of(request, rows.order_by("closed_at", "-at"), PER_PAGE)
    entries = [
        (alarm, form_of_row(alarm.pk, NoteForm(auto_id=f"a{alarm.pk}_%s"), wrong)) for alarm in page
    ]
    context = {"page": page, "entries": entries, "refused": [wrong[1]] if wrong else []}
    return show(request, officer, "console/alarms.html", context, port=port_or_404(code))


@require_POST
@officer_page(Permission.ALARM_CLOSE)
def close(request: HttpRequest, officer: User, code: str, alarm_id: int) -> HttpResponse:
    alarm = get_object_or_404(Alarm, pk=alarm_id, port_id=code)
    form = NoteForm(request.POST, auto_id=f"a{alarm_id}_%s")
    done = carried_out(
        request,
        form,
        lambda: close_alarm(
            alarm=alarm, note=form.cleaned_data["note"], by=officer.actor, at=timezone.now()
        ),
        _("The alarm is closed."),
    )
    if done is not None:
        return redirect("console:alarms", code)
    return _alarms(request, officer, code, (alarm_id, form))
