"""Devices and the keys of machines: made, rotated, revoked."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from trustedtruck.accounts.models import Agency, Device, MachineKey
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor


@transaction.atomic
def register_device(*, port_code: str, code: str, name: str, by: Actor) -> Device:
    device = Device.objects.create(port_code=port_code, code=code, name=name)
    audit.record(
        "device.registered",
        by=by,
        subject_kind="device",
        subject_id=device.pk,
        port_code=port_code,
        data={"code": code, "name": name},
    )
    return device


@transaction.atomic
def issue_key(
    *,
    scopes: Sequence[str],
    by: Actor,
    at: datetime,
    device: Device | None = None,
    agency: Agency | None = None,
    carrier_id: int | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Make a key for one holder and return it in full, for the only time."""
    prefix = secrets.token_hex(6)
    secret = secrets.token_urlsafe(32)
    key = MachineKey.objects.create(
        prefix=prefix,
        secret_sha256=hashlib.sha256(secret.encode()).digest(),
        device=device,
        agency=agency,
        carrier_id=carrier_id,
        scopes=list(scopes),
        created_at=at,
        expires_at=expires_at,
    )
    audit.record(
        "key.issued",
        by=by,
        subject_kind="key",
        subject_id=prefix,
        port_code=device.port_code if device else "",
        data={"holder": str(key.actor), "scopes": list(scopes)},
    )
    return f"tt_{prefix}_{secret}"


@transaction.atomic
def rotate_key(*, key: MachineKey, overlap: timedelta, by: Actor, at: datetime) -> str:
    """Issue a successor; the old key works on for `overlap`, so that no gate goes dark."""
    ends = at + overlap
    if key.expires_at is None or key.expires_at > ends:
        key.expires_at = ends
        key.save(update_fields=["expires_at"])
    return issue_key(
        scopes=key.scopes,
        by=by,
        at=at,
        device=key.device,
        agency=key.agency,
        carrier_id=key.carrier_id,
    )


@transaction.atomic
def revoke_key(*, key: MachineKey, by: Actor, at: datetime) -> None:
    """The key stops working with this transaction's commit."""
    key.revoked_at = at
    key.save(update_fields=["revoked_at"])
    audit.record("key.revoked", by=by, subject_kind="key", subject_id=key.prefix)


@transaction.atomic
def revoke_device(*, device: Device, by: Actor, at: datetime) -> None:
    """Stolen or broken: the device and all its keys stop working with this commit."""
    device.revoked_at = at
    device.save(update_fields=["revoked_at"])
    audit.record(
        "device.revoked",
        by=by,
        subject_kind="device",
        subject_id=device.pk,
        port_code=device.port_code,
    )
