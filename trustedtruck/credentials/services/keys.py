"""Signing keys: made, rotated ahead of use, retired, distrusted."""

import functools
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import Refused
from trustedtruck.credentials.keyset import public_jwk
from trustedtruck.credentials.keystore import KeyUnavailable, Signer, open_store
from trustedtruck.credentials.models import Purpose, SigningKey
from trustedtruck.credentials.queries import keys as queries

# A lane pulls its bundle at least this often, so that a key is known there before its first use.
PUBLISH_AHEAD = timedelta(minutes=15)
_LOCK = 0x7454_6B79  # "tTky": one making of keys at a time, whatever the process


def signer_of(key: SigningKey) -> Signer:
    return _signer(key.store, key.kid, key.alg)


@functools.lru_cache(maxsize=64)
def _signer(store: str, kid: str, alg: str) -> Signer:
    return open_store(store).signer(kid, alg)


@transaction.atomic
def ensure_key(purpose: str, *, by: Actor, at: datetime) -> SigningKey:
    """The key that signs now for this purpose; made if there is none. Safe against a race.

    The first key brings those of all purposes with it: whoever fetches the published keys then
    knows the ones of lists and bundles before anything is signed by them.
    """
    key = queries.signing_key(purpose, settings.BASE_URL, at)
    if key is not None:
        return key
    _one_at_a_time()
    for each in Purpose:
        if queries.signing_key(each, settings.BASE_URL, at) is None:
            _make(each, active_from=at, by=by, at=at)
    key = queries.signing_key(purpose, settings.BASE_URL, at)
    if key is None:
        raise KeyUnavailable
    return key


@transaction.atomic
def rotate(
    purpose: str, *, by: Actor, at: datetime, ahead: timedelta = PUBLISH_AHEAD
) -> SigningKey:
    """Publish a new key, which takes over after `ahead`; the old one signs until then.

    Raises `Refused` when a rotation is under way already.
    """
    _one_at_a_time()
    waiting = SigningKey.objects.filter(
        purpose=purpose,
        base_url=settings.BASE_URL,
        active_from__gt=at,
        retired_at__isnull=True,
        distrusted_at__isnull=True,
    )
    if waiting.exists():
        raise Refused("key_rotation_under_way", _("A new key is published and not yet in use."))
    return _make(purpose, active_from=at + ahead, by=by, at=at)


@transaction.atomic
def retire(*, kid: str, by: Actor, at: datetime) -> SigningKey:
    """The key signs no more; it verifies until its last credential has ended.

    Raises `Refused` for the only key of its purpose: another must be in use first.
    """
    key = _locked(kid)
    if key.retired_at is not None:
        raise Refused("key_already_retired", _("This key has been retired already."))
    others = SigningKey.objects.filter(
        purpose=key.purpose,
        base_url=key.base_url,
        active_from__lte=at,
        retired_at__isnull=True,
        distrusted_at__isnull=True,
    ).exclude(kid=kid)
    if key.base_url == settings.BASE_URL and not others.exists():
        raise Refused("key_is_the_only_one", _("No other key of this purpose is in use yet."))
    key.retired_at = at
    key.save(update_fields=["retired_at"])
    _record("key.retired", key, by)
    return key


@transaction.atomic
def distrust(*, kid: str, after: datetime, by: Actor, at: datetime) -> SigningKey:
    """The key is compromised: from `after` on nothing that it signed is accepted anywhere.

    A successor is made at once where there is none; the credentials must be issued anew.
    """
    key = _locked(kid)
    if key.distrusted_at is not None and key.distrusted_at <= after:
        raise Refused("key_already_distrusted", _("This key is distrusted already."))
    key.distrusted_at = after
    key.retired_at = key.retired_at or at
    key.save(update_fields=["distrusted_at", "retired_at"])
    _record("key.distrusted", key, by, after=after.isoformat())
    if key.base_url == settings.BASE_URL:
        ensure_key(key.purpose, by=by, at=at)
    return key


def _locked(kid: str) -> SigningKey:
    _one_at_a_time()
    key = SigningKey.objects.select_for_update().filter(kid=kid).first()
    if key is None:
        raise Refused("key_unknown", _("There is no such key."))
    return key


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _make(purpose: str, *, active_from: datetime, by: Actor, at: datetime) -> SigningKey:
    alg = "Ed25519" if purpose == Purpose.DATA_INTEGRITY else "ES256"
    store = open_store()
    kid, public = store.create(alg)
    key = SigningKey.objects.create(
        kid=kid,
        purpose=purpose,
        alg=alg,
        public_jwk=public_jwk(public),
        base_url=settings.BASE_URL,
        store=store.name,
        published_at=at,
        active_from=active_from,
    )
    _record("key.published", key, by, active_from=active_from.isoformat())
    return key


def _record(action: str, key: SigningKey, by: Actor, **data: str) -> None:
    audit.record(
        action,
        by=by,
        subject_kind="signing_key",
        subject_id=key.kid,
        data={"purpose": key.purpose, **data},
    )
    queries.forget()
    transaction.on_commit(queries.forget)
