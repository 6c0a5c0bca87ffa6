"""Trucks, trailers and drivers: lists, forms, papers."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from trustedtruck.carriers.models import Document, Driver, Trailer, Truck
from trustedtruck.carriers.names import called
from trustedtruck.carriers.permissions import check_user_can_edit_fleet
from trustedtruck.carriers.services import documents, fleet
from trustedtruck.enrolment.services import credentials
from trustedtruck.identifiers import jurisdiction, plate, vin
from trustedtruck.pages.forms import ServiceForm, warnings_of
from trustedtruck.pages.lists import page_of
from trustedtruck.pages.outcome import carried_out, tried
from trustedtruck.portal.access import Member, member_page
from trustedtruck.portal.forms.fleet import (
    DocumentForm,
    DriverChangeForm,
    DriverForm,
    TrailerForm,
    TruckChangeForm,
    TruckForm,
)
from trustedtruck.portal.pages.common import own, show
from trustedtruck.portal.queries import fleet as queries

Owner = Truck | Trailer | Driver


@dataclass(frozen=True)
class Kind:
    """What one kind of the fleet needs: its model, its forms, its words, how one is added."""

    code: str
    model: type[Any]
    new: type[ServiceForm]
    change: type[ServiceForm]
    title: Promise
    add: Promise
    searched: tuple[str, ...]
    order: tuple[str, ...]
    make: Callable[..., Any]


def _add_truck(member: Member, data: dict[str, Any]) -> Any:
    new = fleet.NewTruck(**data)
    return fleet.add_trucks(
        carrier=member.carrier, trucks=[new], by=member.actor, at=timezone.now()
    )[0]


def _add_trailer(member: Member, data: dict[str, Any]) -> Any:
    new = fleet.NewTrailer(**data)
    return fleet.add_trailers(
        carrier=member.carrier, trailers=[new], by=member.actor, at=timezone.now()
    )[0]


def _add_driver(member: Member, data: dict[str, Any]) -> Any:
    new = fleet.NewDriver(**data)
    return fleet.add_drivers(
        carrier=member.carrier, drivers=[new], by=member.actor, at=timezone.now()
    )[0]


KINDS = {
    "trucks": Kind(
        "trucks",
        Truck,
        TruckForm,
        TruckChangeForm,
        gettext_lazy("Trucks"),
        gettext_lazy("Add a truck"),
        ("number", "vin", "plate_number", "tag_epc"),
        ("number", "pk"),
        _add_truck,
    ),
    "trailers": Kind(
        "trailers",
        Trailer,
        TrailerForm,
        TrailerForm,
        gettext_lazy("Trailers"),
        gettext_lazy("Add a trailer"),
        ("number", "plate_number"),
        ("number", "pk"),
        _add_trailer,
    ),
    "drivers": Kind(
        "drivers",
        Driver,
        DriverForm,
        DriverChangeForm,
        gettext_lazy("Drivers"),
        gettext_lazy("Add a driver"),
        ("fast_card",),
        ("pk",),
        _add_driver,
    ),
}


def _kind(code: str) -> Kind:
    if code not in KINDS:
        raise Http404
    return KINDS[code]


def _warn(request: HttpRequest, data: dict[str, Any]) -> None:
    """Say what is odd about an entry that was taken nevertheless."""
    checks = {
        "vin": vin.check,
        "plate_number": plate.check,
        "plate_jurisdiction": jurisdiction.check,
    }
    for name, check in checks.items():
        if data.get(name):
            for warning in warnings_of(check(data[name])):
                messages.warning(request, warning)


@require_safe
@member_page()
def rows(request: HttpRequest, member: Member, kind: str) -> HttpResponse:
    """What is in the fleet, searched by number, plate or name."""
    found = _kind(kind)
    query = request.GET.get("q", "").strip()[:60]
    living: QuerySet[Any] = found.model._default_manager.filter(
        carrier=member.carrier, retired_at__isnull=True
    )
    if query:
        condition = Q()
        for field in found.searched:
            condition |= Q(**{f"{field}__icontains": query})
        if found.model is Driver:
            condition |= called(query)
        living = living.filter(condition)
    page = page_of(request, living.order_by(*found.order))
    queries.attach_state(kind, list(page.object_list))
    return show(request, member, "fleet.html", kind=found, page=page, query=query)


@member_page(needs=check_user_can_edit_fleet)
def add(request: HttpRequest, member: Member, kind: str) -> HttpResponse:
    found = _kind(kind)
    form = found.new(request.POST or None)
    made = carried_out(
        request,
        form,
        lambda: found.make(member, form.cleaned_data),
        lambda made: _("%(name)s is in your fleet.") % {"name": made},
    )
    if made is not None:
        _warn(request, form.cleaned_data)
        return redirect("portal:fleet-entry", kind=kind, public_id=made.public_id)
    return show(request, member, "fleet_form.html", kind=found, form=form)


def _entry(member: Member, kind: str, public_id: uuid.UUID) -> Any:
    return own(member, _kind(kind).model._default_manager.all(), public_id=public_id)


@member_page(writes=check_user_can_edit_fleet)
def entry(request: HttpRequest, member: Member, kind: str, public_id: uuid.UUID) -> HttpResponse:
    """One truck, trailer or driver; a POST changes it."""
    found, row = _kind(kind), _entry(member, kind, public_id)
    initial = {name: getattr(row, name) for name in found.change.base_fields}
    form = found.change(request.POST or None, initial=initial)
    done = carried_out(
        request,
        form,
        lambda: credentials.change_entry(
            owner=row, values=form.cleaned_data, by=member.actor, at=timezone.now()
        ),
        lambda changed: (
            _("Saved. The credential was issued anew with it; the old QR code is no longer valid.")
            if changed.credential
            else _("Saved.")
        ),
    )
    if done is not None:
        _warn(request, form.cleaned_data)
        return redirect("portal:fleet-entry", kind=kind, public_id=public_id)
    return _show_entry(request, member, found, row, form=form)


def _show_entry(
    request: HttpRequest,
    member: Member,
    kind: Kind,
    row: Any,
    *,
    form: ServiceForm | None = None,
    document_form: DocumentForm | None = None,
) -> HttpResponse:
    initial = {name: getattr(row, name) for name in kind.change.base_fields}
    return show(
        request,
        member,
        "fleet_entry.html",
        kind=kind,
        row=row,
        form=form or kind.change(initial=initial),
        document_form=document_form or DocumentForm(kinds=documents.kinds_for(row)),
        documents=row.documents.order_by("expires_date"),
        credential=queries.newest_credential(row),
        today=timezone.now().date(),
    )


@require_POST
@member_page(needs=check_user_can_edit_fleet)
def retire(request: HttpRequest, member: Member, kind: str, public_id: uuid.UUID) -> HttpResponse:
    row = _entry(member, kind, public_id)
    tried(
        request,
        lambda: credentials.take_out(owner=row, by=member.actor, at=timezone.now()),
        _("%(name)s has left your fleet.") % {"name": row},
    )
    return redirect("portal:fleet", kind=kind)


@require_POST
@member_page(needs=check_user_can_edit_fleet)
def add_document(
    request: HttpRequest, member: Member, kind: str, public_id: uuid.UUID
) -> HttpResponse:
    row = _entry(member, kind, public_id)
    form = DocumentForm(request.POST, request.FILES, kinds=documents.kinds_for(row))
    made = carried_out(
        request,
        form,
        lambda: documents.add_document(
            owner=row, by=member.actor, at=timezone.now(), **form.entered()
        ),
        _("The document is saved."),
    )
    if made is not None:
        return redirect("portal:fleet-entry", kind=kind, public_id=public_id)
    return _show_entry(request, member, _kind(kind), row, document_form=form)


@require_POST
@member_page(needs=check_user_can_edit_fleet)
def remove_document(request: HttpRequest, member: Member, public_id: uuid.UUID) -> HttpResponse:
    row = own(member, Document.objects.all(), public_id=public_id)
    documents.remove_document(document=row, by=member.actor, at=timezone.now())
    messages.success(request, _("The document is removed."))
    return redirect("portal:documents")
