"""Keys and webhooks for the carrier's own system."""

import uuid
from datetime import UTC, datetime, time

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from trustedtruck.accounts.models import MachineKey
from trustedtruck.accounts.services import issue_key, revoke_key
from trustedtruck.carriers.models import WebhookDelivery, WebhookEndpoint
from trustedtruck.carriers.permissions import check_user_can_manage_integration
from trustedtruck.carriers.services import notify, webhooks
from trustedtruck.pages.outcome import carried_out
from trustedtruck.portal.access import Member, member_page
from trustedtruck.portal.forms.standing import KeyForm, WebhookForm
from trustedtruck.portal.pages.common import own, show


def _page(
    request: HttpRequest,
    member: Member,
    *,
    key_form: KeyForm | None = None,
    webhook_form: WebhookForm | None = None,
    secret: str = "",
) -> HttpResponse:
    keys = MachineKey.objects.filter(carrier_id=member.carrier.pk, revoked_at__isnull=True)
    deliveries = WebhookDelivery.objects.filter(endpoint__carrier=member.carrier)
    return show(
        request,
        member,
        "integration.html",
        keys=keys.order_by("-created_at"),
        webhooks=WebhookEndpoint.objects.filter(carrier=member.carrier, ended_at__isnull=True),
        deliveries=deliveries.select_related("endpoint").order_by("-created_at")[:50],
        key_form=key_form or KeyForm(),
        webhook_form=webhook_form or WebhookForm(),
        secret=secret,
    )


@member_page(needs=check_user_can_manage_integration)
def overview(request: HttpRequest, member: Member) -> HttpResponse:
    return _page(request, member)


@require_POST
@member_page(needs=check_user_can_manage_integration)
def add_key(request: HttpRequest, member: Member) -> HttpResponse:
    """Make a key. The answer shows it, for the only time."""
    form, at = KeyForm(request.POST), timezone.now()
    if not form.is_valid():
        return _page(request, member, key_form=form)
    day = form.cleaned_data["expires_date"]
    if day is not None and day <= at.date():
        form.add_error("expires_date", _("The date has passed already."))
        return _page(request, member, key_form=form)
    secret = issue_key(
        scopes=form.cleaned_data["scopes"],
        by=member.actor,
        at=at,
        carrier_id=member.carrier.pk,
        expires_at=datetime.combine(day, time(), UTC) if day else None,
    )
    return _page(request, member, secret=secret)


@require_POST
@member_page(needs=check_user_can_manage_integration)
def end_key(request: HttpRequest, member: Member, prefix: str) -> HttpResponse:
    key = MachineKey.objects.filter(
        carrier_id=member.carrier.pk, prefix=prefix, revoked_at__isnull=True
    ).first()
    if key is None:
        raise Http404
    revoke_key(key=key, by=member.actor, at=timezone.now())
    messages.success(request, _("The key no longer works."))
    return redirect("portal:integration")


@require_POST
@member_page(needs=check_user_can_manage_integration)
def add_webhook(request: HttpRequest, member: Member) -> HttpResponse:
    form = WebhookForm(request.POST)
    made = carried_out(
        request,
        form,
        lambda: webhooks.add_endpoint(
            carrier=member.carrier,
            url=form.cleaned_data["url"],
            topics=form.cleaned_data["topics"],
            by=member.actor,
            at=timezone.now(),
        ),
        "",
    )
    if made is not None:
        return _page(request, member, secret=made[1])
    return _page(request, member, webhook_form=form)


@require_POST
@member_page(needs=check_user_can_manage_integration)
def end_webhook(request: HttpRequest, member: Member, public_id: uuid.UUID) -> HttpResponse:
    rows = WebhookEndpoint.objects.filter(ended_at__isnull=True)
    endpoint = own(member, rows, public_id=public_id)
    webhooks.end_endpoint(endpoint=endpoint, by=member.actor, at=timezone.now())
    messages.success(request, _("Nothing more is sent there."))
    return redirect("portal:integration")


@require_POST
@member_page(needs=check_user_can_manage_integration)
def test_webhooks(request: HttpRequest, member: Member) -> HttpResponse:
    webhooks.send_test(carrier=member.carrier, by=member.actor, at=timezone.now())
    messages.success(request, _("A test message is on its way."))
    return redirect("portal:integration")


@require_POST
@member_page(needs=check_user_can_manage_integration)
def replay(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """Send a message again, under its old id."""
    delivery = WebhookDelivery.objects.filter(
        endpoint__carrier=member.carrier, endpoint__ended_at__isnull=True, pk=pk
    ).first()
    if delivery is None:
        raise Http404
    notify.replay(delivery=delivery, at=timezone.now())
    messages.success(request, _("The message is sent again."))
    return redirect("portal:integration")
