"""Verdicts on what is shown at every crossing: the same bytes under the same key are not checked
twice.

Whether form and signature hold hangs on nothing but the text and the public key, so that a yes
stays true. Everything that can change is asked each time: whether the key is still published and
trusted, the dates, and (of the database, by others) the status. A refusal is never kept.
"""

import hashlib
import threading
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from trustedtruck.credentials import verify
from trustedtruck.credentials.formats.claims import Claims, Verdict
from trustedtruck.credentials.keyset import KeySet, VerifyKey

# The trucks and drivers of a day or two at a large port, some 20 MB.
KEPT = 20_000


class _Found(NamedTuple):
    claims: Claims
    key: VerifyKey


_found: dict[bytes, _Found] = {}
_lock = threading.Lock()


def verify_qr(text: str, *, at: datetime, keys: KeySet) -> Verdict:
    """As `verify.verify_qr`."""
    return _verdict(verify.verify_qr, text, at, keys)


def verify_vc_jwt(token: str, *, at: datetime, keys: KeySet) -> Verdict:
    """As `verify.verify_vc_jwt`."""
    return _verdict(verify.verify_vc_jwt, token, at, keys)


def _verdict(check: Callable[..., Verdict], text: str, at: datetime, keys: KeySet) -> Verdict:
    shown = f"{check.__name__} {text}".encode("utf-8", "surrogatepass")
    name = hashlib.sha256(shown).digest()
    known = _found.get(name)
    if known is not None and _still_trusted(known.key, at, keys):
        return verify.judge_dates(known.claims, at)
    verdict = check(text, at=at, keys=keys)
    # Whoever is named was signed for; nobody is where anything but dates is wrong.
    if verdict.claims.public_id is not None:
        with _lock:
            _found[name] = _Found(verdict.claims, keys[verdict.claims.kid])
            while len(_found) > KEPT:
                del _found[next(iter(_found))]  # what was found first
    return verdict


def _still_trusted(key: VerifyKey, at: datetime, keys: KeySet) -> bool:
    """A key that was retired, distrusted or changed in any way since is another one."""
    if keys.get(key.kid) != key:
        return False
    return key.distrusted_at is None or at < key.distrusted_at


def forget() -> None:
    """Check everything again: to measure it, and between tests."""
    with _lock:
        _found.clear()
