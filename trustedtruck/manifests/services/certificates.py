"""Plant-health certificates as they come in, and what their issuers change about them."""

import datetime as dt
import hashlib
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core import names
from trustedtruck.core.errors import FieldError, Invalid, Refused
from trustedtruck.manifests.ephyto import reader, vocabulary
from trustedtruck.manifests.ephyto.certificate import Parsed
from trustedtruck.manifests.models import (
    Certificate,
    CertificateLine,
    CertificateMessage,
    CertificateSeal,
)
from trustedtruck.manifests.states import CERTIFICATE, NEW

_STEPS = {"issued": "issue", "withdrawn": "withdraw", "replaced": "replace"}


class Received(NamedTuple):
    certificate: Certificate
    repeated: bool


def receive(*, body: bytes, by: Actor, at: dt.datetime) -> Received:
    """Store a message whole, and make the certificate what it says.

    The same bytes again from the same sender change nothing. Raises `Invalid` naming every wrong
    part, or `Refused`: `not_your_certificate` (a carrier about what others speak of as well),
    `transition_refused` (a withdrawn certificate stays withdrawn).
    """
    digest = hashlib.sha256(body).digest()
    own = CertificateMessage.objects.filter(sha256=digest, received_from=str(by))
    known = own.select_related("certificate").first()
    if known is not None:
        return Received(known.certificate, repeated=True)
    parsed = _read(body)
    with transaction.atomic():
        key = f"{parsed.export_country}/{parsed.number}"
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 6))", [key])
        certificate = (
            Certificate.objects.select_for_update()
            .filter(issuing_country=parsed.export_country, number=parsed.number)
            .first()
        )
        if certificate is not None:
            _require_own(certificate, by)
        state = vocabulary.STATES[parsed.status_code]
        if state == "issued" and _is_replaced(parsed, by):
            state = "replaced"  # its successor came first
        step = CERTIFICATE.check(_STEPS[state], certificate.state if certificate else NEW)
        certificate = certificate or Certificate(
            issuing_country=parsed.export_country, number=parsed.number
        )
        certificate.state = step.target
        _fill(certificate, parsed)
        CertificateMessage.objects.create(
            certificate=certificate,
            sha256=digest,
            body=body,
            status_code=parsed.status_code,
            received_from=str(by),
        )
        if parsed.replaces:
            _replace(parsed, by)
        audit.record(
            step.action,
            by=by,
            subject_kind="certificate",
            subject_id=certificate.public_id,
            data={
                "number": parsed.number,
                "country": parsed.export_country,
                "sha256": digest.hex(),
                "not_understood": len(parsed.not_understood),
            },
        )
    certificate.refresh_from_db()
    return Received(certificate, repeated=False)


def _read(body: bytes) -> Parsed:
    try:
        parsed = reader.read(body)
    except reader.Unreadable as refusal:
        error = FieldError("", f"ephyto_{refusal.code}", refusal.text)
        raise Invalid((error,), _("This is no plant-health certificate.")) from None
    errors = []
    missing = str(_("This is missing."))
    if not parsed.number:
        errors.append(FieldError("SPSExchangedDocument.ID", "required", missing))
    elif len(parsed.number) > 70:
        errors.append(FieldError("SPSExchangedDocument.ID", "too_long", str(_("Too long."))))
    if parsed.status_code not in vocabulary.STATES:
        errors.append(
            FieldError(
                "SPSExchangedDocument.StatusCode",
                "unknown_status",
                str(_("Known are 70 (issued), 40 (withdrawn) and 64 (replaced).")),
            )
        )
    if not parsed.export_country:
        errors.append(FieldError("SPSConsignment.ExportSPSCountry.ID", "required", missing))
    if errors:
        raise Invalid(tuple(errors), _("The certificate has errors; it was not stored."))
    return parsed


def _require_own(certificate: Certificate, by: Actor) -> None:
    """A carrier speaks about what it alone has sent; a port and an agency about all of them."""
    if by.kind == "carrier" and certificate.messages.exclude(received_from=str(by)).exists():
        raise Refused(
            "not_your_certificate", _("Another party filed a certificate of this number.")
        )


def _fill(certificate: Certificate, parsed: Parsed) -> None:
    certificate.type_code = parsed.type_code[:8]
    certificate.issued_at = parsed.issued_at
    certificate.issuer = parsed.issuer[:200]
    certificate.consignor = parsed.consignor[:200]
    certificate.consignee = parsed.consignee[:200]
    certificate.consignee_key = names.key(parsed.consignee)[:60]
    certificate.export_country = parsed.export_country
    certificate.import_country = parsed.import_country
    certificate.replaces = parsed.replaces[:70]
    certificate.not_understood = parsed.not_understood
    certificate.changed_at = Now()
    certificate.save()
    certificate.seals.all().delete()
    certificate.lines.all().delete()
    CertificateSeal.objects.bulk_create(
        CertificateSeal(certificate=certificate, number=number, equipment_number=equipment)
        for number, equipment in dict(parsed.seals).items()
    )
    CertificateLine.objects.bulk_create(
        (
            CertificateLine(certificate=certificate, position=i, **vars(line))
            for i, line in enumerate(parsed.lines)
        ),
        batch_size=2000,
    )


def _is_replaced(parsed: Parsed, by: Actor) -> bool:
    """Whether a certificate on file replaces this one. A carrier's replaces its own ones only."""
    successors = Certificate.objects.filter(
        issuing_country=parsed.export_country, replaces=parsed.number
    ).exclude(number=parsed.number)
    others = CertificateMessage.objects.filter(certificate__in=successors)
    return others.filter(
        Q(received_from=str(by)) | ~Q(received_from__startswith="carrier:")
    ).exists()


def _replace(parsed: Parsed, by: Actor) -> None:
    """The certificate that this one replaces, where it is on file, speaks no longer."""
    old = (
        Certificate.objects.select_for_update()
        .filter(issuing_country=parsed.export_country, number=parsed.replaces)
        .exclude(number=parsed.number)
        .first()
    )
    if old is None or not CERTIFICATE["replace"].allowed_from(old.state):
        return
    _require_own(old, by)
    old.state = CERTIFICATE["replace"].target
    old.changed_at = Now()
    old.save(update_fields=["state", "changed_at"])
    audit.record(
        CERTIFICATE["replace"].action,
        by=by,
        subject_kind="certificate",
        subject_id=old.public_id,
        data={"number": old.number, "by": parsed.number},
    )
