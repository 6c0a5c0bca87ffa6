"""A truck with its crossings, and a trip as it was filed."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from lanes.models import ArchivedArrival, Assignment
from lanes.queries.archive import Crossings
from lanes.reasons import reason_text
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.carriers.models import Truck
from trustedtruck.console.access import officer_page
from trustedtruck.console.pages.base import show
from trustedtruck.credentials.models import Credential
from trustedtruck.manifests.models import Trip
from trustedtruck.pages.lists import page_of

PER_PAGE = 25


@require_safe
@officer_page(Permission.SEARCH)
def truck(request: HttpRequest, officer: User, public_id: uuid.UUID) -> HttpResponse:
    """Crossings only at the officer's ports."""
    found = get_object_or_404(Truck.objects.select_related("carrier"), public_id=public_id)
    crossings = Assignment.objects.filter(truck=found, port__in=officer.ports)
    past = ArchivedArrival.objects.filter(truck_id=found.pk, port_id__in=officer.ports)
    rows = Crossings(crossings.select_related("arrival", "lane"), past)
    page = page_of(request, rows, PER_PAGE)
    context = {
        "truck": found,
        "credentials": Credential.objects.filter(truck=found).defer("qr", "vc_jwt").order_by("-pk"),
        "documents": found.documents.order_by("expires_date"),
        "page": page,
        "crossings": [(row, [reason_text(code) for code in row.reasons]) for row in page],
    }
    return show(request, officer, "console/truck.html", context)


@require_safe
@officer_page(Permission.SEARCH)
def trip(request: HttpRequest, officer: User, number: str) -> HttpResponse:
    """The manifest without the people aboard: those are on the truck's page, and on record."""
    rows = Trip.objects.select_related("carrier").prefetch_related(
        "equipment__seals", "seals", "shipments__commodities"
    )
    found = get_object_or_404(rows, trip_number=number)
    return show(request, officer, "console/trip.html", {"trip": found})
