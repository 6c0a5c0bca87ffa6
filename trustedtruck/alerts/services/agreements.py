"""Partners and the agreements with them."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.models import Agency
from trustedtruck.alerts.marks import RELEASABLE
from trustedtruck.alerts.models import Agreement, Category, Partner, Release
from trustedtruck.alerts.models.sharing import Field
from trustedtruck.alerts.services.release import recall, release_missing
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import FieldError, Invalid, Refused
from trustedtruck.core.sealing import seal
from trustedtruck.core.webhooks import new_secret, refuse_address


class Terms(NamedTuple):
    """What an agreement says; see `models.Agreement`."""

    title: str
    categories: Collection[str]
    fields: Collection[str]
    max_mark: str
    accepts: Collection[str]
    valid_from: datetime
    valid_until: datetime | None


@transaction.atomic
def register_partner(*, agency: Agency, by: Actor, at: datetime) -> tuple[Partner, str]:
    """Take an agency in as a partner; its secret for our inbox is returned this once."""
    if Partner.objects.filter(pk=agency.pk).exists():
        raise Refused("partner_exists", _("This agency is a partner already."))
    secret = new_secret()
    partner = Partner.objects.create(
        agency=agency, sealed_inbox_secret=seal(secret), registered_by=str(by), registered_at=at
    )
    audit.record("partner.registered", by=by, subject_kind="agency", subject_id=agency.pk)
    return partner, secret


@transaction.atomic
def change_partner(
    *,
    partner: Partner,
    inbox_url: str,
    secret: str,
    messages_per_minute: int,
    by: Actor,
    at: datetime,
) -> Partner:
    """Where we send to it, signed with which secret (empty: as before), and how fast it may send.

    Raises `Invalid` for an address that is not https or lies in a private network.
    """
    errors = []
    inbox_url, secret = inbox_url.strip(), secret.strip()
    if inbox_url and (refusal := refuse_address(inbox_url)):
        errors.append(FieldError("inbox_url", "webhook_address", refusal))
    if secret and not secret.startswith("whsec_"):
        errors.append(FieldError("secret", "secret_shape", _("The secret begins with whsec_.")))
    if inbox_url and not secret and not partner.sealed_secret:
        errors.append(FieldError("secret", "required", _("Enter the secret of its inbox.")))
    if not 1 <= messages_per_minute <= 60_000:
        text = _("Enter a number from 1 to 60,000.")
        errors.append(FieldError("messages_per_minute", "out_of_range", text))
    if errors:
        raise Invalid(tuple(errors), _("Some fields are wrong."))
    partner = Partner.objects.select_for_update().get(pk=partner.pk)
    partner.inbox_url, partner.messages_per_minute = inbox_url, messages_per_minute
    if secret:
        partner.sealed_secret = seal(secret)
    partner.push_failures, partner.next_push_at = 0, None
    partner.save()
    audit.record(
        "partner.changed",
        by=by,
        subject_kind="agency",
        subject_id=partner.pk,
        data={"inbox": inbox_url, "per_minute": messages_per_minute},
    )
    return partner


@transaction.atomic
def sign_agreement(*, partner: Partner, terms: Terms, by: Actor, at: datetime) -> Agreement:
    """Put an agreement in force; what it covers already is released by and by.

    Raises `Invalid` with every wrong field.
    """
    errors = []
    if not terms.title.strip():
        errors.append(FieldError("title", "required", _("This field is required.")))
    for name, choices in (("categories", Category), ("fields", Field), ("accepts", Category)):
        if set(getattr(terms, name)) - set(choices.values):
            errors.append(FieldError(name, "invalid_choice", _("Choose from the list.")))
    if not terms.categories:
        errors.append(FieldError("categories", "required", _("Choose at least one category.")))
    if terms.max_mark not in RELEASABLE:
        text = _("No agreement releases AMBER+STRICT or RED.")
        errors.append(FieldError("max_mark", "mark_stays", text))
    if terms.valid_until is not None and terms.valid_until <= max(terms.valid_from, at):
        text = _("The end must lie ahead, and after the beginning.")
        errors.append(FieldError("valid_until", "not_ahead", text))
    if errors:
        raise Invalid(tuple(errors), _("Some fields are wrong."))
    agreement = Agreement.objects.create(
        partner=partner,
        title=terms.title.strip(),
        categories=sorted(terms.categories),
        fields=sorted(terms.fields),
        max_mark=terms.max_mark,
        accepts=sorted(terms.accepts),
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        signed_by=str(by),
        signed_at=at,
    )
    _record("agreement.signed", agreement, by)
    release_missing(by=by, at=at)
    return agreement


@transaction.atomic
def end_agreement(*, agreement: Agreement, by: Actor, at: datetime) -> Agreement:
    """End it now: every copy of a warning that was released by it is recalled."""
    agreement = Agreement.objects.select_for_update().get(pk=agreement.pk)
    if agreement.ended_at is not None:
        raise Refused("agreement_ended", _("This agreement has ended already."))
    agreement.ended_by, agreement.ended_at = str(by), at
    agreement.save(update_fields=["ended_by", "ended_at"])
    _record("agreement.ended", agreement, by)
    live = Release.objects.filter(agreement=agreement, kind="warning", gone_at__isnull=True)
    for release in live.select_related("alert", "agreement"):
        recall(release, by=by, at=at)
    return agreement


def end_due(*, by: Actor, at: datetime) -> int:
    """End the agreements whose period is over."""
    due = list(Agreement.objects.filter(ended_at__isnull=True, valid_until__lte=at))
    for agreement in due:
        end_agreement(agreement=agreement, by=by, at=at)
    return len(due)


def _record(action: str, agreement: Agreement, by: Actor) -> None:
    audit.record(
        action,
        by=by,
        subject_kind="agreement",
        subject_id=agreement.pk,
        data={
            "partner": agreement.partner_id,
            "categories": agreement.categories,
            "fields": agreement.fields,
            "max_mark": agreement.max_mark,
            "accepts": agreement.accepts,
        },
    )
