"""The yard of a port, and the page of one truck in it."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from lanes.inspections.look_for import look_for
from lanes.inspections.models import Exam, Inspection
from lanes.inspections.queries.looked import result_of
from lanes.inspections.queries.yard import stations_of, times_of, yard_of
from lanes.inspections.services import cases
from lanes.inspections.sheet import NOTE_LIMIT
from lanes.inspections.states import INSPECTION, ExamState, InspectionState
from lanes.reasons import reason_text
from trustedtruck.accounts.can import user_can
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.audit.models import Event
from trustedtruck.audit.presenters import sentence
from trustedtruck.console.access import officer_page
from trustedtruck.console.inspections.joint_part import joint_part, may_examine
from trustedtruck.console.inspections.scope import inspection_or_404, seen_by
from trustedtruck.console.pages.base import port_or_404, show
from trustedtruck.pages.forms import ServiceForm
from trustedtruck.pages.lists import page_of
from trustedtruck.pages.outcome import carried_out

PER_PAGE = 25


class NoteForm(ServiceForm):
    """Why, where that may be left out."""

    note = forms.CharField(label=gettext_lazy("Why"), max_length=NOTE_LIMIT, required=False)


class WhyForm(ServiceForm):
    """Why, where that must be written."""

    note = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=NOTE_LIMIT,
        error_messages={"required": gettext_lazy("Write why.")},
    )


class OrderForm(ServiceForm):
    """The station; those that suit the reasons come first."""

    station = forms.ChoiceField(label=gettext_lazy("Station"))

    def __init__(self, *args: Any, port_code: str, kinds: list[str], **options: Any) -> None:
        super().__init__(*args, **options)
        places = sorted(stations_of(port_code), key=lambda s: (s.kind not in kinds, s.code))
        self.fields["station"].choices = [  # type: ignore[attr-defined]
            (s.code, _("%(name)s (%(free)d of %(capacity)d free)") % _room(s)) for s in places
        ]


def _room(station: Any) -> dict[str, Any]:
    free = max(0, station.capacity - station.there)
    return {"name": station.name, "free": free, "capacity": station.capacity}


@dataclass(frozen=True)
class Action:
    """`title` heads the card, `button` does it, `done` is said when it is done; `form` asks why."""

    service: Callable[..., object]
    title: str | Promise
    button: str | Promise
    done: str | Promise
    form: type[ServiceForm] = WhyForm


ACTIONS: dict[str, Action] = {
    "release": Action(
        cases.release,
        gettext_lazy("Release"),
        gettext_lazy("Release the truck"),
        gettext_lazy("The truck is released."),
        NoteForm,
    ),
    "hold": Action(
        cases.hold,
        gettext_lazy("Hold"),
        gettext_lazy("Hold the truck"),
        gettext_lazy("The truck is held."),
    ),
    "seize": Action(
        cases.seize,
        gettext_lazy("Seize"),
        gettext_lazy("End with a seizure"),
        gettext_lazy("The inspection ended with a seizure."),
    ),
    "return": Action(
        cases.send_back,
        gettext_lazy("Turn back"),
        gettext_lazy("Send the truck back"),
        gettext_lazy("The truck is sent back."),
    ),
    "excuse": Action(
        cases.excuse,
        gettext_lazy("Excuse from the station"),
        gettext_lazy("Excuse the truck"),
        gettext_lazy("The truck is excused from its station."),
    ),
}


@require_safe
@never_cache
@officer_page(Permission.JOINT_READ)
def inspections(request: HttpRequest, officer: User, code: str) -> HttpResponse:
    """What is open, the most urgent first, and what was closed lately."""
    mine = seen_by(officer, code)
    closed = Inspection.objects.filter(mine, port=code, closed_at__isnull=False)
    closed = closed.select_related("assignment__arrival", "carrier", "station")
    page = page_of(request, closed.order_by("-closed_at"), PER_PAGE)
    context: dict[str, Any] = {"open": yard_of(code, only=mine), "page": page}
    if user_can(officer, Permission.INSPECTION_READ, code):
        context["stations"] = stations_of(code)
    return show(request, officer, "console/inspections/list.html", context, port=port_or_404(code))


@require_safe
@never_cache
@officer_page(Permission.JOINT_READ)
def inspection(
    request: HttpRequest, officer: User, code: str, inspection_id: uuid.UUID
) -> HttpResponse:
    return show_inspection(request, officer, code, inspection_id)


def show_inspection(
    request: HttpRequest, officer: User, code: str, inspection_id: uuid.UUID, **wrong: ServiceForm
) -> HttpResponse:
    """The page; `wrong` is the form that was refused, by the action's name."""
    found = inspection_or_404(officer, code, inspection_id)
    hints = look_for(found.reasons)
    exams = list(found.exams.order_by("pk"))
    under_way = {exam.kind for exam in exams if exam.state != ExamState.APPROVED}
    possible = {change.name for change in INSPECTION.possible_from(found.state)}
    order = wrong.get("order") or OrderForm(
        port_code=code, kinds=[hint.station for hint in hints], auto_id="order_%s"
    )
    asked = {
        name: wrong.get(name) or action.form(auto_id=f"{name}_%s")
        for name, action in ACTIONS.items()
        if name in possible
    }
    if release := asked.get("release"):
        release.fields["note"].required = not result_of(found)
    about = Event.objects.filter(subject_kind="inspection", subject_id=str(found.pk))
    if not user_can(officer, Permission.INSPECTION_READ, code):
        # What the port's own officers did before is theirs.
        about = about.filter(at__gte=found.joint.opened_at)
    context = {
        "inspection": found,
        "arrival": found.assignment.arrival,
        "hints": hints,
        "reasons": [reason_text(reason) for reason in found.reasons],
        "possible": possible,
        "order_form": order,
        "actions": [(name, ACTIONS[name], form) for name, form in asked.items()],
        "scans": found.scans.select_related("station").prefetch_related("images", "verdicts"),
        "exams": exams,
        "exam_kinds": [kind for kind in Exam.Kind.choices if kind[0] not in under_way],
        "examinable": found.state in (InspectionState.AT_STATION, InspectionState.HELD)
        and may_examine(officer, found),
        **joint_part(found, officer, wrong),
        "times": times_of(found),
        "timeline": [(event.at, sentence(event)) for event in about.order_by("id")[:100]],
        "refused": list(wrong.values()),
    }
    return show(
        request,
        officer,
        "console/inspections/one.html",
        context,
        port=port_or_404(code),
    )


@require_POST
@officer_page(Permission.INSPECTION_WRITE)
def act(
    request: HttpRequest, officer: User, code: str, inspection_id: uuid.UUID, action: str
) -> HttpResponse:
    """One button of the page."""
    inspection_or_404(officer, code, inspection_id)
    what: dict[str, Any] = {"inspection_id": inspection_id, "port_code": code}
    what |= {"by": officer.actor, "at": timezone.now()}
    form: ServiceForm
    service: Callable[..., object]
    if action == "order":
        form = OrderForm(request.POST, port_code=code, kinds=[], auto_id="order_%s")
        service, done = _order, _("The truck is ordered to the station.")
    elif action == "appear":
        form = ServiceForm(request.POST)
        service, done = cases.appear, _("The truck is at its station.")
    elif action in ACTIONS:
        form = ACTIONS[action].form(request.POST, auto_id=f"{action}_%s")
        service, done = ACTIONS[action].service, str(ACTIONS[action].done)
    else:
        raise Http404
    if carried_out(request, form, lambda: service(**what, **form.cleaned_data), done) is not None:
        return redirect("console:inspection", code, inspection_id)
    return show_inspection(request, officer, code, inspection_id, **{action: form})


def _order(*, station: str, **what: Any) -> Inspection:
    return cases.order_to_station(station_code=station, **what)
