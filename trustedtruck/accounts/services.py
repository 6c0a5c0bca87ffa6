"""Devices and the keys of machines: made, rotated, revoked."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.models import Agency, Device, MachineKey
from trustedtruck.accounts.public_keys import read_ed25519
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import FieldError, Invalid


@transaction.atomic
def register_device(*, port_code: str, code: str, name: str, by: Actor) -> Device:
    """A machine at a port. It can do nothing until it is given a key."""
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
def register_public_key(
    *,
    device: Device,
    public_key: str,
    scopes: Sequence[str],
    by: Actor,
    at: datetime,
    expires_at: datetime | None = None,
    overlap: timedelta | None = None,
) -> MachineKey:
    """Let a device sign its requests with the key whose public part this is; `prefix` is its id.

    With `overlap` the device's other signing keys work on for so long and then end. Raises
    `Invalid` where it is no Ed25519 public key, or is registered already.
    """
    raw = read_ed25519(public_key)
    if overlap is not None:
        _let_older_keys_end(device, at + overlap, by)
    try:
        with transaction.atomic():
            key = MachineKey.objects.create(
                prefix=secrets.token_hex(6),
                public_key=raw,
                device=device,
                scopes=list(scopes),
                created_at=at,
                expires_at=expires_at,
            )
    except IntegrityError:
        raise Invalid(
            (
                FieldError(
                    "public_key",
                    "public_key_registered",
                    _("This key is registered already. Every key is of one device, once."),
                ),
            ),
            _("Some fields are wrong."),
        ) from None
    audit.record(
        "key.registered",
        by=by,
        subject_kind="key",
        subject_id=key.prefix,
        port_code=device.port_code,
        data={"holder": str(key.actor), "scopes": list(scopes), "public_key": raw.hex()},
    )
    return key


def _let_older_keys_end(device: Device, ends_at: datetime, by: Actor) -> None:
    older = device.keys.filter(public_key__isnull=False, revoked_at__isnull=True)
    older = older.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=ends_at))
    prefixes = list(older.select_for_update().values_list("prefix", flat=True))
    device.keys.filter(prefix__in=prefixes).update(expires_at=ends_at)
    audit.record_many(
        "key.rotated",
        by=by,
        subject_kind="key",
        subjects={prefix: {"ends_at": ends_at.isoformat()} for prefix in prefixes},
        port_code=device.port_code,
    )


@transaction.atomic
def revoke_key(*, key: MachineKey, by: Actor, at: datetime) -> None:
    """The key stops working with this transaction's commit; of a revoked one nothing changes."""
    key = MachineKey.objects.select_for_update().get(pk=key.pk)
    if key.revoked_at is not None:
        return
    key.revoked_at = at
    key.save(update_fields=["revoked_at"])
    audit.record(
        "key.revoked",
        by=by,
        subject_kind="key",
        subject_id=key.prefix,
        port_code=key.device.port_code if key.device else "",
    )


@transaction.atomic
def revoke_device(*, device: Device, by: Actor, at: datetime) -> None:
    """Stolen or broken: the device and all its keys stop working with this commit.

    Of a revoked one nothing changes.
    """
    device = Device.objects.select_for_update().get(pk=device.pk)
    if device.revoked_at is not None:
        return
    device.revoked_at = at
    device.save(update_fields=["revoked_at"])
    audit.record(
        "device.revoked",
        by=by,
        subject_kind="device",
        subject_id=device.pk,
        port_code=device.port_code,
    )
