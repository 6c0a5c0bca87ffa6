"""Partners with their agreements and keys, and what waits in quarantine."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trustedtruck.accounts.can import user_can
from trustedtruck.accounts.models import Agency, User
from trustedtruck.accounts.roles import Permission, Scope
from trustedtruck.accounts.services import issue_key, revoke_key
from trustedtruck.alerts.models import Agreement, Inbound, Partner
from trustedtruck.alerts.queries.visible import PERSONS
from trustedtruck.alerts.services import agreements, inbound
from trustedtruck.audit.views_of_people import note_view
from trustedtruck.console.alerts.access import own_officer_page
from trustedtruck.console.alerts.forms import (
    AgreementForm,
    InboxForm,
    PartnerForm,
    PartnerKeyForm,
    RejectForm,
)
from trustedtruck.console.pages.base import show
from trustedtruck.pages.forms import RefusedRow, ServiceForm, form_of_row
from trustedtruck.pages.lists import page_of
from trustedtruck.pages.outcome import carried_out, tried

PER_PAGE = 25


@require_http_methods(["GET", "POST"])
@never_cache
@own_officer_page(Permission.SHARING_WRITE)
def partners(request: HttpRequest, officer: User) -> HttpResponse:
    """All partners, and the form that takes in another; its secret is shown this once."""
    form = PartnerForm(request.POST or None)
    secret = ""
    made = carried_out(
        request,
        form,
        lambda: _register(form, officer),
        "",
    )
    if made is not None:
        _partner, secret = made
        form = PartnerForm()
    rows = Partner.objects.select_related("agency").order_by("pk")
    context = {"partners": rows, "form": form, "secret": secret}
    return show(request, officer, "console/alerts/partners.html", context)


def _register(form: PartnerForm, officer: User) -> tuple[Partner, str]:
    found = form.cleaned_data
    agency, _new = Agency.objects.get_or_create(
        code=found["code"], defaults={"name": found["name"], "country": found["country"]}
    )
    return agreements.register_partner(agency=agency, by=officer.actor, at=timezone.now())


@require_safe
@never_cache
@own_officer_page(Permission.SHARING_WRITE)
def partner(request: HttpRequest, officer: User, agency: str) -> HttpResponse:
    return _show(request, officer, get_object_or_404(Partner, pk=agency))


def _show(
    request: HttpRequest, officer: User, found: Partner, key: str = "", **wrong: ServiceForm
) -> HttpResponse:
    inbox = settings.BASE_URL + reverse("alerts-inbox", args=[found.pk])
    values = {"inbox_url": found.inbox_url, "messages_per_minute": found.messages_per_minute}
    context: dict[str, Any] = {
        "partner": found,
        "inbox": inbox,
        "taxii": settings.BASE_URL + reverse("taxii-discovery"),
        "agreements": found.agreements.order_by("-pk"),
        "keys": found.agency.keys.filter(revoked_at__isnull=True).order_by("-created_at"),
        "key": key,
        "inbox_form": InboxForm(auto_id="inbox_%s", initial=values),
        "agreement_form": AgreementForm(auto_id="agreement_%s"),
        "key_form": PartnerKeyForm(auto_id="key_%s"),
    }
    return show(request, officer, "console/alerts/partner.html", context | wrong)


@require_POST
@own_officer_page(Permission.SHARING_WRITE)
def change(request: HttpRequest, officer: User, agency: str) -> HttpResponse:
    found = get_object_or_404(Partner, pk=agency)
    form = InboxForm(request.POST, auto_id="inbox_%s")
    done = carried_out(
        request,
        form,
        lambda: agreements.change_partner(
            partner=found, **form.cleaned_data, by=officer.actor, at=timezone.now()
        ),
        _("Saved."),
    )
    if done is not None:
        return redirect("console:partner", agency)
    return _show(request, officer, found, inbox_form=form)


@require_POST
@own_officer_page(Permission.SHARING_WRITE)
def sign(request: HttpRequest, officer: User, agency: str) -> HttpResponse:
    found = get_object_or_404(Partner, pk=agency)
    form = AgreementForm(request.POST, auto_id="agreement_%s")
    at = timezone.now()
    done = carried_out(
        request,
        form,
        lambda: agreements.sign_agreement(
            partner=found, terms=form.terms(at), by=officer.actor, at=at
        ),
        _("The agreement is in force."),
    )
    if done is not None:
        return redirect("console:partner", agency)
    return _show(request, officer, found, agreement_form=form)


@require_POST
@own_officer_page(Permission.SHARING_WRITE)
def end(request: HttpRequest, officer: User, agreement_id: int) -> HttpResponse:
    found = get_object_or_404(Agreement, pk=agreement_id)
    tried(
        request,
        lambda: agreements.end_agreement(agreement=found, by=officer.actor, at=timezone.now()),
        _("The agreement has ended; its copies are recalled."),
    )
    return redirect("console:partner", found.partner_id)


@require_POST
@never_cache
@own_officer_page(Permission.SHARING_WRITE)
def key(request: HttpRequest, officer: User, agency: str) -> HttpResponse:
    """A key for the partner's system, shown this once."""
    found = get_object_or_404(Partner.objects.select_related("agency"), pk=agency)
    form = PartnerKeyForm(request.POST, auto_id="key_%s")
    certificates = [Scope.MANIFESTS_WRITE] if form["certificates"].value() else []
    made = issue_key(
        scopes=[Scope.ALERTS_READ, Scope.ALERTS_WRITE, *certificates],
        by=officer.actor,
        at=timezone.now(),
        agency=found.agency,
    )
    return _show(request, officer, found, key=made)


@require_POST
@own_officer_page(Permission.SHARING_WRITE)
def end_key(request: HttpRequest, officer: User, agency: str, prefix: str) -> HttpResponse:
    found = get_object_or_404(Partner.objects.select_related("agency"), pk=agency)
    mine = get_object_or_404(found.agency.keys, prefix=prefix, revoked_at__isnull=True)
    revoke_key(key=mine, by=officer.actor, at=timezone.now())
    messages.success(request, _("The key is revoked."))
    return redirect("console:partner", agency)


@require_safe
@never_cache
@own_officer_page(Permission.ALERT_ACCEPT)
def quarantine(request: HttpRequest, officer: User) -> HttpResponse:
    return _quarantine(request, officer)


def _quarantine(
    request: HttpRequest, officer: User, wrong: RefusedRow | None = None
) -> HttpResponse:
    """`wrong` is the message whose form was refused, with that form."""
    rows = Inbound.objects.select_related("partner__agency").filter(decided_at__isnull=True)
    page = page_of(request, rows.order_by("received_at"), PER_PAGE)
    if user_can(officer, Permission.PERSON_READ):
        named = [row.public_id for row in page if _names(row)]
        note_view(subject_kind="partner_message", subjects=named, by=officer.actor)
    entries = [
        (one, form_of_row(one.pk, RejectForm(auto_id=f"m{one.pk}_%s"), wrong)) for one in page
    ]
    context = {"page": page, "entries": entries, "refused": [wrong[1]] if wrong else []}
    return show(request, officer, "console/alerts/quarantine.html", context)


def _names(row: Inbound) -> bool:
    clauses = (row.body or {}).get("criteria", [])
    return any(one["kind"] in PERSONS for clause in clauses for one in clause)


@require_POST
@own_officer_page(Permission.ALERT_ACCEPT)
def decide(request: HttpRequest, officer: User, inbound_id: uuid.UUID, change: str) -> HttpResponse:
    """`accept` or `reject`."""
    found = get_object_or_404(Inbound, public_id=inbound_id)
    at, by = timezone.now(), officer.actor
    if change == "accept":
        tried(
            request,
            lambda: inbound.accept(inbound=found, by=by, at=at),
            _("The message is accepted."),
        )
        return redirect("console:quarantine")
    if change != "reject":
        raise Http404
    form = RejectForm(request.POST, auto_id=f"m{found.pk}_%s")
    done = carried_out(
        request,
        form,
        lambda: inbound.reject(inbound=found, note=form.cleaned_data["note"], by=by, at=at),
        _("The message is rejected."),
    )
    if done is not None:
        return redirect("console:quarantine")
    return _quarantine(request, officer, (found.pk, form))
