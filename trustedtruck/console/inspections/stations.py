"""The stations of a port."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from lanes.inspections.models import Facility, JointHours, Station
from lanes.inspections.queries.yard import stations_of
from lanes.inspections.services.stations import StationKind, save_station, turn_station
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.console.access import officer_page
from trustedtruck.console.pages.base import port_or_404, show
from trustedtruck.pages.forms import ServiceForm
from trustedtruck.pages.outcome import carried_out, tried


class StationForm(ServiceForm):
    """A new station, or the one of this code with other values."""

    code = forms.RegexField(
        r"^[A-Za-z0-9-]{1,16}\Z",
        label=gettext_lazy("Code"),
        help_text=gettext_lazy("The code of a station that is there already changes that one."),
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Station.Kind.choices)
    facility = forms.ChoiceField(label=gettext_lazy("Where"), choices=Facility.choices)
    capacity = forms.IntegerField(label=gettext_lazy("Trucks at a time"), max_value=500)
    opens = forms.TimeField(label=gettext_lazy("Opens (local time)"), required=False)
    closes = forms.TimeField(label=gettext_lazy("Closes (local time)"), required=False)


@require_http_methods(["GET", "POST"])
@officer_page(Permission.INSPECTION_READ, post=Permission.STATION_CHANGE)
def stations(request: HttpRequest, officer: User, code: str) -> HttpResponse:
    port = port_or_404(code)
    form = StationForm(request.POST or None)
    made = carried_out(
        request,
        form,
        lambda: save_station(
            port=port, what=StationKind(**form.cleaned_data), by=officer.actor, at=timezone.now()
        ),
        _("The station is saved."),
    )
    if made is not None:
        return redirect("console:stations", code)
    context: dict[str, Any] = {
        "stations": stations_of(code),
        "hours": JointHours.objects.filter(port=code).order_by("direction", "facility"),
        "form": form,
    }
    return show(request, officer, "console/inspections/stations.html", context, port=port)


@require_POST
@officer_page(Permission.STATION_CHANGE)
def turn(request: HttpRequest, officer: User, code: str, station: str) -> HttpResponse:
    found = get_object_or_404(Station, port=code, code=station)
    state = "open" if request.POST.get("to") == "open" else "closed"
    tried(
        request,
        lambda: turn_station(station=found, state=state, by=officer.actor, at=timezone.now()),
        _("The station is saved."),
    )
    return redirect("console:stations", code)
