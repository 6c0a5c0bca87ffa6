"""The truck's page: all that is known of one arrival; refer, hold and lift from here."""

import uuid
from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from lanes.models import Arrival, Assignment, Override
from lanes.queries.archive import archived
from lanes.queries.overrides import awaits_a_second
from lanes.services.overrides import approve_fast, override_to_inspection, request_fast
from trustedtruck.accounts.can import user_can
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.audit.views_of_people import note_view
from trustedtruck.console.access import officer_page
from trustedtruck.console.dossier import Dossier, dossier
from trustedtruck.console.pages.base import port_or_404, show
from trustedtruck.console.sections import Section, sections
from trustedtruck.credentials.models import Credential, Hold
from trustedtruck.credentials.services.holds import lift_hold, place_hold
from trustedtruck.pages.forms import ServiceForm
from trustedtruck.pages.outcome import carried_out, tried


class ReasonForm(ServiceForm):
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=500)


class HoldForm(ServiceForm):
    note = forms.CharField(label=gettext_lazy("Why the hold"), max_length=200)


def _arrival(code: str, arrival_id: uuid.UUID) -> Arrival:
    """Out of the archive too: everything can be read there, and nothing ordered any more."""
    living = Arrival.objects.select_related("device").filter(pk=arrival_id, port=code).first()
    if living is None and (past := archived(arrival_id, port_id=code)):
        return past.arrival
    if living is None:
        raise Http404
    return living


@require_safe
@never_cache
@officer_page(Permission.ARRIVAL_READ)
def arrival(request: HttpRequest, officer: User, code: str, arrival_id: uuid.UUID) -> HttpResponse:
    return _show(request, officer, code, _arrival(code, arrival_id))


def _show(
    request: HttpRequest, officer: User, code: str, found: Arrival, **wrong: ServiceForm
) -> HttpResponse:
    """`wrong` is the form that was refused, by its name on the page."""
    known = dossier(found, people=user_can(officer, Permission.PERSON_READ, code))
    parts = sections(found, known.assignment, officer)
    _note(known, parts, officer, code)
    waiting = [
        one for one in known.overrides if awaits_a_second(one, known.overrides, at=timezone.now())
    ]
    context = {
        "dossier": known,
        "sections": parts,
        "arrival": found,
        "me": str(officer.actor),
        "hold_form": wrong.get("hold_form") or HoldForm(auto_id="hold_%s"),
        "refer_form": wrong.get("refer_form") or ReasonForm(auto_id="refer_%s"),
        "ask_form": wrong.get("ask_form") or ReasonForm(auto_id="ask_%s"),
        "waiting": {one.pk for one in waiting},
        "asked_by_me": any(one.requested_by == str(officer.actor) for one in waiting),
    }
    return show(request, officer, "console/arrival.html", context, port=port_or_404(code))


def _note(known: Dossier, parts: list[Section], officer: User, code: str) -> None:
    """Who drives, and whom the alerts name that are shown."""
    named = [subject for part in parts for subject in part.names]
    if named:
        note_view(subject_kind="alert", subjects=named, by=officer.actor, port_code=code)
    if known.driver is not None:
        note_view(
            subject_kind="driver", subjects=[known.driver.pk], by=officer.actor, port_code=code
        )


@require_POST
@officer_page(Permission.TRUCK_HOLD)
def hold(request: HttpRequest, officer: User, code: str, arrival_id: uuid.UUID) -> HttpResponse:
    """From now on the lanes inspect this truck, at every port."""
    found = _arrival(code, arrival_id)
    assignment = get_object_or_404(Assignment, arrival=found, truck_credential__isnull=False)
    form = HoldForm(request.POST, auto_id="hold_%s")
    credential = get_object_or_404(Credential, pk=assignment.truck_credential_id)
    placed = carried_out(
        request,
        form,
        lambda: place_hold(
            credential=credential,
            note=form.cleaned_data["note"],
            by=officer.actor,
            at=timezone.now(),
        ),
        _("The hold is placed, and is in the next lane bundle."),
    )
    if placed is not None:
        return redirect("console:arrival", code, arrival_id)
    return _show(request, officer, code, found, hold_form=form)


@require_POST
@officer_page(Permission.TRUCK_HOLD)
def lift(request: HttpRequest, officer: User, code: str, hold_id: int) -> HttpResponse:
    found = get_object_or_404(
        Hold.objects.select_related("credential"), pk=hold_id, lifted_at__isnull=True
    )
    lift_hold(hold=found, by=officer.actor, at=timezone.now())
    messages.success(request, _("The hold is lifted."))
    subject = found.credential
    same = {"truck": subject.truck_id} if subject.truck_id else {"driver": subject.driver_id}
    crossing = Assignment.objects.filter(**same, port=code)
    last = crossing.order_by("-decided_at").values_list("arrival_id", flat=True).first()
    return redirect("console:arrival", code, last) if last else redirect("console:board", code)


@require_POST
@officer_page(Permission.TRUCK_REFER)
def refer(request: HttpRequest, officer: User, code: str, arrival_id: uuid.UUID) -> HttpResponse:
    """To inspection, whatever was decided: one officer is enough."""
    found, said = _arrival(code, arrival_id), _("The truck goes to inspection.")
    return _override(request, officer, found, "refer", override_to_inspection, said)


@require_POST
@officer_page(Permission.FAST_ASK)
def ask_fast(request: HttpRequest, officer: User, code: str, arrival_id: uuid.UUID) -> HttpResponse:
    """To the fast lane: a request, until a second officer approves it."""
    found = _arrival(code, arrival_id)
    said = _("A second officer must approve this within 30 minutes.")
    return _override(request, officer, found, "ask", request_fast, said)


def _override(
    request: HttpRequest,
    officer: User,
    found: Arrival,
    name: str,
    service: Callable[..., object],
    said: str,
) -> HttpResponse:
    form = ReasonForm(request.POST, auto_id=f"{name}_%s")
    done = carried_out(
        request,
        form,
        lambda: service(
            arrival_id=found.pk,
            port_code=found.port_id,
            reason=form.cleaned_data["reason"],
            by=officer.actor,
            at=timezone.now(),
        ),
        said,
    )
    if done is not None:
        return redirect("console:arrival", found.port_id, found.pk)
    return _show(request, officer, found.port_id, found, **{f"{name}_form": form})


@require_POST
@officer_page(Permission.FAST_APPROVE)
def approve(request: HttpRequest, officer: User, code: str, override_id: int) -> HttpResponse:
    """The second officer's signature under a request toward the fast lane."""
    found = get_object_or_404(Override, pk=override_id, port=code)
    tried(
        request,
        lambda: approve_fast(override=found, by=officer.actor, at=timezone.now()),
        _("The truck may go to the fast lane."),
    )
    return redirect("console:arrival", code, found.arrival_id)
