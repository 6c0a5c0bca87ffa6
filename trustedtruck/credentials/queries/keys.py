"""The published keys, from the database, kept for a few seconds in each process."""

import threading
import time
from datetime import datetime

from trustedtruck.credentials.keyset import KeySet, VerifyKey, from_jwk
from trustedtruck.credentials.models import SigningKey

KEPT_SECONDS = 3.0
_lock = threading.Lock()
_kept: tuple[float, KeySet] | None = None


def verify_key(row: SigningKey) -> VerifyKey:
    """What a verification asks of a key."""
    return VerifyKey(
        row.kid,
        row.purpose,
        row.alg,
        row.base_url,
        from_jwk(row.public_jwk),
        row.active_from,
        row.retired_at,
        row.distrusted_at,
    )


def all_keys() -> KeySet:
    """Every published key, read now."""
    return KeySet(verify_key(row) for row in SigningKey.objects.all())


def current_keys() -> KeySet:
    """Every published key, at most `KEPT_SECONDS` old. Raises what the database raises: keys that
    can no longer be renewed must not go on letting trucks through."""
    global _kept
    now = time.monotonic()
    kept = _kept
    if kept is not None and now - kept[0] < KEPT_SECONDS:
        return kept[1]
    with _lock:
        if _kept is not None and now - _kept[0] < KEPT_SECONDS:
            return _kept[1]
        keys = all_keys()
        # No keys yet is not worth keeping: the first one may be used as soon as it is made.
        _kept = (now, keys) if keys else None
        return keys


def forget() -> None:
    """Read the keys anew next time: after a change of keys, and between tests."""
    global _kept
    _kept = None


def signing_key(purpose: str, base_url: str, at: datetime) -> SigningKey | None:
    """The key that signs at this instant: the newest that is in use, under this identity."""
    rows = SigningKey.objects.filter(
        purpose=purpose, base_url=base_url, retired_at__isnull=True, distrusted_at__isnull=True
    )
    # A date before the first key (an import of old papers) is signed by the first.
    return (
        rows.filter(active_from__lte=at).order_by("-active_from").first()
        or rows.order_by("active_from").first()
    )
