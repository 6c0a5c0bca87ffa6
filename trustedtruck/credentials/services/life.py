"""The turns of a credential's life after its issue. Each is one short transaction on its row."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier
from trustedtruck.carriers.states import CarrierState
from trustedtruck.core.errors import Refused
from trustedtruck.credentials.models import Credential, Sanction
from trustedtruck.credentials.services.issue import issue_credentials
from trustedtruck.credentials.services.notices import tell_carriers
from trustedtruck.credentials.services.subjects import Subject
from trustedtruck.credentials.states import CREDENTIAL, CredentialState, Reason

EXPIRE_AT_ONCE = 1_000
REISSUE_AT_ONCE = 100


@transaction.atomic
def suspend(*, credential: Credential, by: Actor, at: datetime, reason: str) -> Credential:
    """Suspend it. One that a sanction took already gets a ground of its own, and keeps it when the
    sanction is lifted."""
    row = _locked(credential)
    if row.state == CredentialState.SUSPENDED and row.sanction_id is not None:
        return _change(row, "suspend_also", by=by, at=at, reason=reason)
    return _change(row, "suspend", by=by, at=at, reason=reason)


@transaction.atomic
def reinstate(
    *, credential: Credential, by: Actor, at: datetime, reason: str = Reason.CLEARED
) -> Credential:
    """Make a suspended one valid again. Raises `Refused` while its carrier is not certified."""
    state = Carrier.objects.select_for_update(no_key=True).get(pk=credential.carrier_id).state
    row = _locked(credential)
    change = CREDENTIAL.check("reinstate", row.state)
    if state != CarrierState.CERTIFIED:
        raise Refused(
            "carrier_not_certified", _("Its carrier is suspended: lift that sanction first.")
        )
    return _change(row, change.name, by=by, at=at, reason=reason)


@transaction.atomic
def revoke(*, credential: Credential, by: Actor, at: datetime, reason: str) -> Credential:
    """End it for good. Once this has committed, no lane decides fast on it."""
    row = _locked(credential)
    return _change(row, "revoke", by=by, at=at, reason=reason)


@transaction.atomic
def renew(
    *,
    credential: Credential,
    by: Actor,
    at: datetime,
    valid_until: datetime | None = None,
    reason: str = Reason.RENEWAL_DUE,
) -> Credential:
    """A successor with a new period; the old one is superseded at once. Returns the successor."""
    return replace_many(
        "renew", [credential], by=by, at=at, reason=reason, valid_until=valid_until
    )[0]


@transaction.atomic
def reissue(*, credential: Credential, by: Actor, at: datetime, reason: str) -> Credential:
    """A replacement for the rest of the period: lost, stolen, data changed, key compromised."""
    return replace_many("reissue", [credential], by=by, at=at, reason=reason)[0]


def reissue_of_key(*, kid: str, by: Actor, at: datetime) -> Iterator[int]:
    """Replace every active credential that a compromised key signed, portion by portion; yields
    how many each portion had. What is suspended waits for its own reinstatement."""
    active = Credential.objects.filter(kid=kid, state=CredentialState.ACTIVE, valid_until__gt=at)
    while rows := list(active.order_by("pk")[:REISSUE_AT_ONCE]):
        replace_many("reissue", rows, by=by, at=at, reason=Reason.KEY_COMPROMISED)
        yield len(rows)


@transaction.atomic
def replace_many(
    transition: str,
    credentials: Sequence[Credential],
    *,
    by: Actor,
    at: datetime,
    reason: str,
    valid_until: datetime | None = None,
    notify: bool = True,
) -> list[Credential]:
    """Supersede each and issue its successor, in their order: all of them or none.

    A renewal begins a new period; a reissue keeps the end of the old one. Without `notify` the
    caller tells the carriers.
    """
    # Carriers before credentials, as the lanes' committing statement locks them.
    list(
        Carrier.objects.select_for_update(no_key=True)
        .filter(pk__in={c.carrier_id for c in credentials})
        .order_by("pk")
        .values_list("pk")
    )
    locked = {
        row.pk: row
        for row in Credential.objects.select_for_update(of=("self",), no_key=True)
        .select_related("carrier", "driver", "truck", "trailer")
        .filter(pk__in=[c.pk for c in credentials])
        .order_by("pk")
    }
    rows = [locked[c.pk] for c in credentials]
    ends = [row.valid_until for row in rows] if transition == "reissue" else valid_until
    change_many(rows, transition, by=by, at=at, reason=Reason(reason), notify=notify)
    return issue_credentials(
        [subject_of(row) for row in rows],
        by=by,
        at=at,
        valid_until=ends,
        reason=reason,
        replaces=dict(enumerate(rows)),
        notify=False,
    )


@transaction.atomic
def expire_due(*, by: Actor, at: datetime) -> int:
    """Mark what has ended, `EXPIRE_AT_ONCE` at most; the number marked. Dates bind without this:
    it only frees the subject for a new credential and tells the carrier."""
    rows = (
        Credential.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(state=CredentialState.ACTIVE, valid_until__lte=at)
        .defer("qr", "vc_jwt")
        .order_by("pk")[:EXPIRE_AT_ONCE]
    )
    found = list(rows)
    change_many(found, "expire", by=by, at=at, reason=Reason.TIME_PASSED)
    return len(found)


def subject_of(credential: Credential) -> Subject:
    return credential.truck or credential.driver or credential.trailer or credential.carrier


def change_many(
    rows: Sequence[Credential],
    transition: str,
    *,
    by: Actor,
    at: datetime,
    reason: str,
    sanction: Sanction | None = None,
    notify: bool = True,
) -> None:
    """One transition for many locked rows. Only `sanction` holds them afterwards, or nothing."""
    if not rows:
        return
    change = CREDENTIAL[transition]
    before = {}
    for row in rows:
        before[row.pk] = row.state
        row.state = CREDENTIAL.check(transition, row.state).target
        row.reason, row.changed_at, row.sanction = reason, at, sanction
    Credential.objects.filter(pk__in=before).update(
        state=change.target, reason=reason, changed_at=at, sanction=sanction
    )
    audit.record_many(
        change.action,
        by=by,
        subject_kind="credential",
        subjects={
            row.pk: {
                "before": before[row.pk],
                "after": row.state,
                "carrier": row.carrier_id,
                "reason": reason,
            }
            for row in rows
        },
    )
    if notify:
        tell_carriers(change, [row.carrier_id for row in rows], at=at, reason=reason)


def _locked(credential: Credential) -> Credential:
    return Credential.objects.select_for_update().get(pk=credential.pk)


def _change(
    row: Credential, transition: str, *, by: Actor, at: datetime, reason: str
) -> Credential:
    change_many([row], transition, by=by, at=at, reason=Reason(reason))
    return row
