"""Credentials with their QR codes: shown, printed, issued, replaced."""

import uuid
from base64 import b64encode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from trustedtruck.carriers.models import Truck
from trustedtruck.carriers.permissions import check_user_can_handle_credentials
from trustedtruck.core.errors import DomainError
from trustedtruck.credentials.formats import images
from trustedtruck.credentials.models import BulkJob, Credential
from trustedtruck.credentials.queries import cards
from trustedtruck.credentials.services import wallet
from trustedtruck.credentials.states import CredentialState, Kind
from trustedtruck.enrolment.services import credentials
from trustedtruck.pages.lists import page_of
from trustedtruck.pages.outcome import carried_out, tried
from trustedtruck.portal.access import Member, member_page
from trustedtruck.portal.forms.fleet import TagForm
from trustedtruck.portal.pages.common import own, show


@require_safe
@member_page()
def rows(request: HttpRequest, member: Member) -> HttpResponse:
    found = Credential.objects.filter(carrier=member.carrier).defer("qr", "vc_jwt")
    kind = request.GET.get("kind", "")
    if kind in Kind.values:
        found = found.filter(kind=kind)
    found = found.select_related("carrier", "truck", "trailer", "driver").order_by(
        "-issued_at", "-pk"
    )
    job = BulkJob.objects.filter(carrier=member.carrier).order_by("-requested_at").first()
    return show(
        request,
        member,
        "credentials.html",
        page=page_of(request, found),
        kinds=Kind.choices,
        kind=kind,
        job=job,
        job_runs=job is not None and job.finished_at is None,
        waiting=credentials.count_waiting(member.carrier),
        certified=member.carrier.state == "certified",
    )


@require_safe
@member_page()
def one(request: HttpRequest, member: Member, public_id: uuid.UUID) -> HttpResponse:
    """One credential, as large as a reader wants it, ready to be printed."""
    rows = Credential.objects.select_related("carrier", "truck", "trailer", "driver")
    row = own(member, rows, public_id=public_id)
    card = cards.card_of(row)
    return show(
        request,
        member,
        "credential.html",
        row=row,
        card=card,
        facts=[*card.lines, (_("Number"), row.public_id)],
        usable=row.state == CredentialState.ACTIVE,
        for_wallets=row.kind == Kind.DRIVER,
    )


@require_POST
@member_page(needs=check_user_can_handle_credentials)
def offer(request: HttpRequest, member: Member, public_id: uuid.UUID) -> HttpResponse:
    """Offer a driver's credential to the driver's telephone. Only the answer shows code and PIN."""
    rows = Credential.objects.select_related("driver")
    row = own(member, rows, public_id=public_id, kind=Kind.DRIVER)
    try:
        made = wallet.offer(
            credential=row, base_url=settings.BASE_URL, by=member.actor, at=timezone.now()
        )
    except DomainError as error:
        messages.error(request, str(error.text))
        return redirect("portal:credential", public_id=public_id)
    qr = b64encode(images.svg(made.uri)).decode("ascii")
    answer = show(request, member, "wallet_offer.html", row=row, offer=made, qr=qr)
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
@member_page()
def file(request: HttpRequest, member: Member, public_id: uuid.UUID, form: str) -> HttpResponse:
    """The QR code or the card as a file."""
    row = own(member, Credential.objects.all(), public_id=public_id, state=CredentialState.ACTIVE)
    if form == "qr.svg":
        return HttpResponse(images.svg(row.qr), content_type="image/svg+xml")
    if form == "qr.png":
        return _download(images.png(row.qr), "image/png", f"qr-{row.public_id}.png")
    if form == "card.pdf":
        return _download(cards.card_pdf(row), "application/pdf", f"card-{row.public_id}.pdf")
    raise Http404


def _download(content: bytes, media_type: str, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_safe
@member_page()
def all_cards(request: HttpRequest, member: Member) -> HttpResponse:
    name = f"{member.carrier.scac}-credentials.zip"
    return _download(cards.fleet_zip(member.carrier), "application/zip", name)


@require_POST
@member_page(needs=check_user_can_handle_credentials)
def issue(request: HttpRequest, member: Member) -> HttpResponse:
    """Have credentials made for everything that has none; a worker makes them."""
    tried(
        request,
        lambda: credentials.request_for_fleet(
            carrier=member.carrier, by=member.actor, at=timezone.now()
        ),
        _("The credentials are being made."),
    )
    return redirect("portal:credentials")


@member_page(needs=check_user_can_handle_credentials)
def replace_tag(request: HttpRequest, member: Member, public_id: uuid.UUID) -> HttpResponse:
    truck = own(member, Truck.objects.filter(retired_at__isnull=True), public_id=public_id)
    form = TagForm(request.POST or None)
    replaced = carried_out(
        request,
        form,
        lambda: credentials.replace_tag(
            truck=truck,
            tag_epc=form.cleaned_data["tag_epc"],
            reason=form.cleaned_data["reason"],
            by=member.actor,
            at=timezone.now(),
        ),
        _("The new tag is on record, and the old one is worth nothing any more."),
    )
    if replaced is not None:
        return redirect("portal:fleet-entry", kind="trucks", public_id=public_id)
    return show(request, member, "tag.html", form=form, truck=truck)
