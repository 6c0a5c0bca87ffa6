"""Requests signed by a device's Ed25519 key: HTTP Message Signatures (RFC 9421).

The stronger alternative to a bearer key: what is sent proves the key without showing it, counts
once, and for this address and body only. `docs/devices.md` says what a device must sign.
"""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import http_sf
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
)
from http_message_signatures.algorithms import ED25519
from http_message_signatures.digests import ContentDigest
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from trustedtruck.accounts.authentication import KeyRefused, working_keys
from trustedtruck.accounts.models import MachineKey, UsedNonce
from trustedtruck.audit import services as audit

log = structlog.get_logger(__name__)
TAG = "trustedtruck"
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
_LONGEST = 4096
# A nonce is kept longer than any signature counts.
KEEP_NONCES = timedelta(minutes=10)
# A refused caller writes into the audit once in so many seconds for each key and code.
_QUIET_S = 60


class SignatureRefused(AuthenticationFailed):
    """Why a signed request does not count; unlike a secret, a signature can be told its fault."""


class SignatureAuthentication(BaseAuthentication):
    """Sets `request.auth` to the `MachineKey` whose private part signed the request.

    Like a bearer key it is read from the database at every request: revoked means refused at once.
    """

    def authenticate(self, request: Request) -> tuple[None, MachineKey] | None:
        if "Signature-Input" not in request.headers and "Signature" not in request.headers:
            return None
        key = None
        try:
            params = _parameters(request)
            key = _key(str(params.get("keyid", "")))
            _check(request, key)
            _in_time(params["created"], key.now)  # type: ignore[attr-defined]
            _use(key, params["nonce"], params["created"])
        except AuthenticationFailed as error:
            _record(request, key, str(error.get_codes()))
            raise
        return None, key


def _parameters(request: Request) -> dict[str, Any]:
    """The signature's parameters. Which components it must cover is seen when it is verified."""
    found: Any = {}
    text = request.headers.get("Signature-Input", "")
    with suppress(ValueError):
        if len(text) <= _LONGEST:
            found = http_sf.parse(text.encode(), tltype="dictionary")
    ours = [
        params
        for member, params in (v for v in found.values() if isinstance(v, tuple))
        if isinstance(member, list) and params.get("tag") == TAG
    ]
    if len(ours) != 1 or "Signature" not in request.headers:
        raise SignatureRefused(
            _("There must be one signature with the tag “trustedtruck” (RFC 9421)."),
            "signature_malformed",
        )
    params: dict[str, Any] = ours[0]
    nonce = params.get("nonce")
    if type(params.get("created")) is not int or not (
        isinstance(nonce, str) and _NONCE.fullmatch(nonce)
    ):
        raise SignatureRefused(
            _("The signature needs `created`, and a `nonce` of 16 to 64 letters and digits."),
            "signature_malformed",
        )
    return params


def _key(prefix: str) -> MachineKey:
    key = (
        working_keys()
        .filter(prefix=prefix[:12], public_key__isnull=False)
        .annotate(now=Now())
        .first()
    )
    if key is None or prefix != key.prefix:
        raise KeyRefused
    return key


class _One(HTTPSignatureKeyResolver):
    """The key that was found for the request, and no other."""

    def __init__(self, key: MachineKey) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(bytes(key.public_key or b""))

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        return self._key


class _Verifier(HTTPMessageVerifier):
    """Form and signature; the times are judged by the database's clock."""

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        """Left to `_in_time`."""


class _Message:
    """A request as the library reads one. The address is that of the Host header: what a proxy's
    forwarding headers claim is not looked at."""

    def __init__(self, request: Request) -> None:
        self.method = str(request.method)
        self.url = f"{request.scheme}://{request.get_host()}{request.get_full_path()}"
        self.headers = dict(request.headers)


def _check(request: Request, key: MachineKey) -> None:
    wanted = ["@method", "@authority", "@path"]
    if request.META.get("QUERY_STRING"):
        wanted.append("@query")
    body = request._request.body
    if body:
        wanted.append("content-digest")
    verifier = _Verifier(signature_algorithm=ED25519, key_resolver=_One(key))
    try:
        (result,) = verifier.verify(_Message(request), max_age=None, expect_tag=TAG)
    except HTTPMessageSignaturesException:
        raise SignatureRefused(
            _("The signature does not fit the request: it was altered, or signed by another key."),
            "signature_invalid",
        ) from None
    lacking = [name for name in wanted if f'"{name}"' not in result.covered_components]
    if lacking:
        raise SignatureRefused(
            _("The signature must cover %(names)s.") % {"names": ", ".join(lacking)},
            "signature_covers_too_little",
        )
    try:
        if body and not ContentDigest.verify_components(result.covered_components, body):
            raise HTTPMessageSignaturesException
    except HTTPMessageSignaturesException:
        raise SignatureRefused(
            _("The body is not the one that was signed."), "content_digest_mismatch"
        ) from None


def _in_time(created: int, now: datetime) -> None:
    age = now.timestamp() - created
    if age > settings.SIGNATURE_AGE_S:
        raise SignatureRefused(
            _("The signature is too old. Sign the request anew."), "signature_old"
        )
    if age < -settings.SIGNATURE_AHEAD_S:
        raise SignatureRefused(
            _("The signature is from the future: the device’s clock is ahead."),
            "signature_from_future",
        )


# One statement, so that of two copies at the same moment one counts.
_USE = """
WITH newest AS (SELECT max(created) AS at FROM accounts_usednonce WHERE key_id = %(key)s),
     used AS (
        INSERT INTO accounts_usednonce (key_id, nonce, created)
        SELECT %(key)s, %(nonce)s, %(created)s FROM newest
        WHERE newest.at IS NULL OR newest.at <= %(created)s + %(apart)s * interval '1 second'
        ON CONFLICT (key_id, nonce) DO NOTHING
        RETURNING 1)
SELECT EXISTS (SELECT 1 FROM used),
       EXISTS (SELECT 1 FROM accounts_usednonce WHERE key_id = %(key)s AND nonce = %(nonce)s)
"""


def _use(key: MachineKey, nonce: str, created: int) -> None:
    """Count the request: its nonce is new, and no much later one of this key came before it."""
    with connection.cursor() as cursor:
        cursor.execute(
            _USE,
            {
                "key": key.pk,
                "nonce": nonce,
                "created": datetime.fromtimestamp(created, UTC),
                "apart": settings.SIGNATURE_APART_S,
            },
        )
        counted, known = cursor.fetchone()
    if counted:
        return
    if known:
        raise SignatureRefused(_("This signed request was received before."), "signature_replayed")
    raise SignatureRefused(
        _("Later requests of this device came before this one."), "signature_out_of_order"
    )


def _record(request: Request, key: MachineKey | None, code: str) -> None:
    log.warning("signature_refused", code=code, key=key.prefix if key else "", path=request.path)
    if key is not None and cache.add(f"signature-refused:{key.prefix}:{code}", 1, _QUIET_S):
        with transaction.atomic():
            audit.record(
                "key.signature_refused",
                by=key.actor,
                subject_kind="key",
                subject_id=key.prefix,
                port_code=key.device.port_code if key.device else "",
                data={"code": code, "path": request.path[:200]},
            )


def forget_nonces(*, at: datetime) -> int:
    """Drop the nonces of signatures that are too old to count; how many."""
    return UsedNonce.objects.filter(created__lt=at - KEEP_NONCES).delete()[0]


class SignatureScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI description names a signed request."""

    target_class = SignatureAuthentication
    name = "deviceSignature"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Signature-Input",
            "description": "HTTP Message Signature (RFC 9421) by a device's Ed25519 key, with"
            " `Signature` and `Content-Digest` beside it.",
        }
