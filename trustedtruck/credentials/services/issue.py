"""Issuing credentials, one or a fleet at a time."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier, Trailer, Truck
from trustedtruck.carriers.states import CarrierState
from trustedtruck.core.errors import Refused
from trustedtruck.core.ids import uuid7
from trustedtruck.credentials.formats import qr, vc_jwt
from trustedtruck.credentials.formats.claims import Draft
from trustedtruck.credentials.formats.jws import unb64url
from trustedtruck.credentials.keyset import did_web
from trustedtruck.credentials.keystore import Signer
from trustedtruck.credentials.models import Credential, Purpose, SigningKey
from trustedtruck.credentials.services import holds, indices
from trustedtruck.credentials.services.keys import ensure_key, signer_of
from trustedtruck.credentials.services.notices import tell_carriers
from trustedtruck.credentials.services.subjects import (
    Subject,
    carrier_id_of,
    kind_of,
    properties,
)
from trustedtruck.credentials.states import CREDENTIAL, Reason

VALIDITY = timedelta(days=365)


@transaction.atomic
def issue_credentials(
    subjects: Sequence[Subject],
    *,
    by: Actor,
    at: datetime,
    valid_from: datetime | None = None,
    valid_until: datetime | Sequence[datetime] | None = None,
    reason: str = Reason.FIRST_ISSUE,
    replaces: Mapping[int, Credential] | None = None,
    notify: bool = True,
) -> list[Credential]:
    """Issue one credential for each subject, in their order: all of them or none.

    `valid_until` is one end for all, or one for each. `replaces` gives, by place in `subjects`,
    the credential that a new one supersedes. Without `notify` the caller tells the carriers. Raises
    `Refused`: `carrier_not_certified`, `subject_retired`, `already_issued` (a live one exists).
    """
    if not subjects:
        return []
    change = CREDENTIAL.check("issue", "")
    carriers = _certified({carrier_id_of(subject) for subject in subjects})
    _in_use(subjects)
    begins = (valid_from or at).astimezone(UTC).replace(microsecond=0)
    if isinstance(valid_until, datetime) or valid_until is None:
        valid_until = [valid_until or begins + VALIDITY] * len(subjects)
    ends = [end.astimezone(UTC).replace(microsecond=0) for end in valid_until]
    key = ensure_key(Purpose.CREDENTIAL, by=by, at=at)
    drafts = [
        _draft(subject, carriers[carrier_id_of(subject)], at, begins, end, place)
        for subject, end, place in zip(subjects, ends, indices.take(len(subjects)), strict=True)
    ]
    made = [
        _row(subject, draft, key, change.target, reason, (replaces or {}).get(position))
        for position, (subject, draft) in enumerate(zip(subjects, drafts, strict=True))
    ]
    sign_all(made, drafts, key)
    try:
        with transaction.atomic():
            Credential.objects.bulk_create(made, batch_size=500)
    except IntegrityError as error:
        raise Refused(
            "already_issued", _("One of them has a credential that is still in force.")
        ) from error
    holds.take_over(made)
    audit.record_many(
        change.action,
        by=by,
        subject_kind="credential",
        subjects={
            row.pk: {
                "kind": row.kind,
                "carrier": row.carrier_id,
                "public_id": str(row.public_id),
                "kid": row.kid,
                "reason": reason,
                "replaces": row.replaces_id,
            }
            for row in made
        },
    )
    if notify:
        tell_carriers(change, [row.carrier_id for row in made], at=at, reason=reason)
    return made


def sign_all(rows: Sequence[Credential], drafts: Sequence[Draft], key: SigningKey) -> None:
    """Put both signed forms into the rows."""
    sign = FormatSigner(key, signer_of(key))
    for row, draft in zip(rows, drafts, strict=True):
        row.qr, row.vc_jwt = sign.qr(draft), sign.vc_jwt(draft)


class FormatSigner:
    """Signs drafts in each format under one key; what all have in common is made once."""

    def __init__(self, key: SigningKey, signer: Signer) -> None:
        self._base_url, self._issuer = key.base_url, did_web(key.base_url)
        self._protected, self._signer = qr.Protected(unb64url(key.kid)), signer
        self._header = vc_jwt.header(f"{self._issuer}#{key.kid}")

    def qr(self, draft: Draft) -> str:
        return qr.encode(
            draft,
            base_url=self._base_url,
            issuer=self._issuer,
            protected=self._protected,
            signer=self._signer,
        )

    def vc_jwt(self, draft: Draft) -> str:
        return vc_jwt.encode(
            draft,
            base_url=self._base_url,
            issuer=self._issuer,
            encoded_header=self._header,
            signer=self._signer,
        )


def _certified(ids: set[int]) -> dict[int, Carrier]:
    """The carriers, held so that none can be suspended while its credentials are being made."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM carriers_carrier WHERE id = ANY(%s) ORDER BY id FOR SHARE",
            [sorted(ids)],
        )
    carriers = Carrier.objects.in_bulk(ids)
    for carrier in carriers.values():
        if carrier.state != CarrierState.CERTIFIED:
            raise Refused(
                "carrier_not_certified",
                _("Only a certified carrier gets credentials, and %(carrier)s is not.")
                % {"carrier": carrier},
            )
    return carriers


def _in_use(subjects: Sequence[Subject]) -> None:
    for subject in subjects:
        if not isinstance(subject, Carrier) and subject.retired_at is not None:
            raise Refused(
                "subject_retired",
                _("%(subject)s is no longer in use.") % {"subject": subject},
            )


def _draft(
    subject: Subject,
    carrier: Carrier,
    at: datetime,
    valid_from: datetime,
    valid_until: datetime,
    place: tuple[int, int],
) -> Draft:
    plated = subject if isinstance(subject, (Truck, Trailer)) else None
    return Draft(
        public_id=uuid7(),
        kind=kind_of(subject).value,
        subject_id=subject.public_id,
        subject=properties(subject, carrier),
        issued_at=at,
        valid_from=valid_from,
        valid_until=valid_until,
        status_list=place[0],
        status_index=place[1],
        tag_epc=(subject.tag_epc or "") if isinstance(subject, Truck) else "",
        plate_number=plated.plate_number if plated else "",
        plate_jurisdiction=plated.plate_jurisdiction if plated else "",
    )


def _row(
    subject: Subject,
    draft: Draft,
    key: SigningKey,
    state: str,
    reason: str,
    replaces: Credential | None,
) -> Credential:
    row = Credential(
        public_id=draft.public_id,
        kind=draft.kind,
        carrier_id=carrier_id_of(subject),
        state=state,
        reason=reason,
        issued_at=draft.issued_at,
        changed_at=draft.issued_at,
        valid_from=draft.valid_from,
        valid_until=draft.valid_until,
        tag_epc=draft.tag_epc,
        plate_number=draft.plate_number,
        plate_jurisdiction=draft.plate_jurisdiction,
        kid=key.kid,
        status_list_id=draft.status_list,
        status_index=draft.status_index,
        replaces=replaces,
    )
    if not isinstance(subject, Carrier):
        setattr(row, f"{draft.kind}_id", subject.pk)
    return row
