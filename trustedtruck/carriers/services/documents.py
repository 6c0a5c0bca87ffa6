"""Papers of trucks, trailers and drivers, and insurance."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier, Document, Driver, Insurance
from trustedtruck.carriers.services.entries import Entries, insert
from trustedtruck.carriers.services.evidence import clean, safe_name
from trustedtruck.carriers.services.stored import remove_unless, store, stored_at
from trustedtruck.carriers.services.upkeep import Owner, check_user_can_change
from trustedtruck.core.errors import Invalid

FOLDER = "papers"
_VEHICLE = (Document.Kind.REGISTRATION, Document.Kind.INSPECTION)
_PERSON = (Document.Kind.LICENCE, Document.Kind.MEDICAL, Document.Kind.PASSPORT)


def kinds_for(owner: Owner) -> tuple[Document.Kind, ...]:
    return _PERSON if isinstance(owner, Driver) else _VEHICLE


def path_of(document: Document) -> Path:
    return stored_at(FOLDER, document.file_sha256)


@transaction.atomic
def add_document(
    *,
    owner: Owner,
    kind: str,
    number: str,
    expires_date: date,
    file: tuple[str, bytes] | None = None,
    by: Actor,
    at: datetime,
) -> Document:
    """A paper, and its picture or PDF (name, content) where there is one.

    Raises `Invalid` for an expired paper, for one that does not fit its owner, and for a file that
    may not be stored (`evidence.clean`), `Refused` where the owner has left the fleet.
    """
    check_user_can_change(owner)
    entries = Entries()
    number = entries.need("number", number)
    if expires_date <= at.date():
        entries.wrong("expires_date", "document_expired", _("This document has ended already."))
    if kind not in kinds_for(owner):
        entries.wrong("kind", "document_kind", _("This kind of document does not belong here."))
    cleaned = None
    if file is not None:
        try:
            cleaned = clean(file[1])
        except Invalid as refused:
            for error in refused.errors:
                entries.wrong(error.field, error.code, error.text)
    entries.done()
    field = type(owner).__name__.lower()
    document = Document(
        carrier_id=owner.carrier_id,
        kind=kind,
        number=number,
        expires_date=expires_date,
        added_by=str(by),
        added_at=at,
        **{field: owner},
    )
    if file is not None and cleaned is not None:
        document.file_name, document.file_type = safe_name(file[0]), cleaned.media_type
        document.file_sha256 = store(FOLDER, cleaned.content)
    insert(document.save)
    audit.record(
        "document.added",
        by=by,
        subject_kind=field,
        subject_id=owner.pk,
        data={
            "kind": kind,
            "expires": expires_date.isoformat(),
            **({"sha256": document.file_sha256} if document.file_sha256 else {}),
        },
    )
    return document


@transaction.atomic
def remove_document(*, document: Document, by: Actor, at: datetime) -> None:
    """Remove a document, and its file where no other document has it."""
    audit.record(
        "document.removed",
        by=by,
        subject_kind="document",
        subject_id=document.pk,
        data={"kind": document.kind, "carrier": document.carrier_id},
    )
    document.delete()
    forget_files([document.file_sha256])


def forget_files(sha256s: Iterable[str]) -> None:
    """The files go with the last rows that name them, after the commit."""
    for sha256 in {found for found in sha256s if found}:
        rows = Document.objects.filter(file_sha256=sha256)
        remove_unless(FOLDER, sha256, still_named=rows.exists)


@transaction.atomic
def add_insurance(
    *,
    carrier: Carrier,
    insurer: str,
    policy_number: str,
    liability_usd: int,
    starts_date: date,
    expires_date: date,
    by: Actor,
    at: datetime,
) -> Insurance:
    """Raises `Invalid` for a period that is over or runs backwards."""
    entries = Entries()
    insurer = entries.need("insurer", insurer)
    policy_number = entries.need("policy_number", policy_number)
    if expires_date <= starts_date:
        entries.wrong("expires_date", "period_backwards", _("The end is not after the beginning."))
    elif expires_date <= at.date():
        entries.wrong("expires_date", "document_expired", _("This insurance has ended already."))
    entries.done()
    insurance = Insurance(
        carrier=carrier,
        insurer=insurer,
        policy_number=policy_number,
        liability_usd=liability_usd,
        starts_date=starts_date,
        expires_date=expires_date,
        added_by=str(by),
        added_at=at,
    )
    insert(insurance.save)
    audit.record(
        "insurance.added",
        by=by,
        subject_kind="carrier",
        subject_id=carrier.pk,
        data={"insurer": insurer, "expires": expires_date.isoformat()},
    )
    return insurance


@transaction.atomic
def remove_insurance(*, insurance: Insurance, by: Actor, at: datetime) -> None:
    """Remove a policy; its insurer and number stay in the audit."""
    audit.record(
        "insurance.removed",
        by=by,
        subject_kind="carrier",
        subject_id=insurance.carrier_id,
        data={"insurer": insurance.insurer, "policy": insurance.policy_number},
    )
    insurance.delete()
