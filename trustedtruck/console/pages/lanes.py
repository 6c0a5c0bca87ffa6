"""One lane: opened, closed, changed."""

from dataclasses import fields

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from lanes.models import Direction, Lane, Load, Route
from lanes.services.lanes import LaneKind, add_lane, change_lane, close_lane, open_lane
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.console.access import officer_page
from trustedtruck.console.pages.base import port_or_404, show
from trustedtruck.pages.forms import ServiceForm
from trustedtruck.pages.outcome import carried_out, tried


class LaneForm(ServiceForm):
    """What a lane is for."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    route = forms.ChoiceField(
        label=gettext_lazy("For"), choices=Route.choices, widget=forms.RadioSelect
    )
    directions = forms.MultipleChoiceField(
        label=gettext_lazy("Directions"),
        choices=Direction.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    load = forms.ChoiceField(
        label=gettext_lazy("Load"), choices=Load.choices, widget=forms.RadioSelect
    )
    group = forms.CharField(
        label=gettext_lazy("Approach"),
        max_length=16,
        required=False,
        help_text=gettext_lazy("Empty when every approach leads to it."),
    )
    service_seconds = forms.FloatField(
        label=gettext_lazy("Seconds per truck at the booth"), min_value=1, max_value=3600
    )
    reason = forms.CharField(label=gettext_lazy("Why the change"), max_length=200)

    def kind(self) -> LaneKind:
        return LaneKind(**{field.name: self.cleaned_data[field.name] for field in fields(LaneKind)})


@require_http_methods(["GET", "POST"])
@officer_page(Permission.LANE_CHANGE)
def lane(request: HttpRequest, officer: User, code: str, lane: str) -> HttpResponse:
    port = port_or_404(code)
    found = get_object_or_404(Lane, port=port, code=lane)
    begin = {name: getattr(found, name) for name in LaneForm.base_fields if name != "reason"}
    form = LaneForm(request.POST or None, initial=begin)
    done = carried_out(
        request,
        form,
        lambda: change_lane(
            lane=found,
            kind=form.kind(),
            reason=form.cleaned_data["reason"],
            by=officer.actor,
            at=timezone.now(),
        ),
        _("Lane %(lane)s is changed.") % {"lane": found.code},
    )
    if done is not None:
        return redirect("console:board", code)
    return show(request, officer, "console/lane.html", {"lane": found, "form": form}, port=port)


class NewLaneForm(LaneForm):
    """A lane more at a port."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=16)
    field_order = ("code", "name")
    reason = None  # type: ignore[assignment]


@require_http_methods(["GET", "POST"])
@officer_page(Permission.PORT_WRITE)
def add(request: HttpRequest, officer: User, code: str) -> HttpResponse:
    """It begins closed: whoever works at the port opens it."""
    port = port_or_404(code)
    form = NewLaneForm(request.POST or None)
    made = carried_out(
        request,
        form,
        lambda: add_lane(
            port=port,
            code=form.cleaned_data["code"],
            kind=form.kind(),
            by=officer.actor,
            at=timezone.now(),
        ),
        lambda made: _("Lane %(lane)s is added; it is closed.") % {"lane": made.code},
    )
    if made is not None:
        return redirect("console:ports")
    return show(request, officer, "console/lane_add.html", {"form": form}, port=port)


@require_POST
@officer_page(Permission.LANE_CHANGE)
def turn(request: HttpRequest, officer: User, code: str, lane: str) -> HttpResponse:
    """Open or close a lane, as the button says."""
    found = get_object_or_404(Lane, port_id=code, code=lane)
    service = open_lane if request.POST.get("to") == Lane.State.OPEN else close_lane
    tried(request, lambda: service(lane=found, by=officer.actor, at=timezone.now()), _turned)
    return redirect("console:board", code)


def _turned(lane: Lane) -> str:
    is_open = lane.state == Lane.State.OPEN
    text = _("Lane %(lane)s is open.") if is_open else _("Lane %(lane)s is closed.")
    return text % {"lane": lane.code}
