"""How a machine proves who it is: `Authorization: Bearer tt_<prefix>_<secret>`."""

import hashlib
import hmac
import re
import time

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from drf_spectacular.drainage import set_override
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from trustedtruck.accounts.models import MachineKey

_KEY = re.compile(r"tt_([0-9a-f]{12})_([A-Za-z0-9_-]{43})", re.ASCII)


class KeyRefused(AuthenticationFailed):
    """One answer for unknown, wrong, expired and revoked: a guesser learns nothing."""

    default_detail = _("The key is unknown, expired or revoked.")
    default_code = "key_refused"


def working_keys() -> QuerySet[MachineKey]:
    """Keys that are neither revoked nor ended, nor of a revoked device, at this instant."""
    return (
        MachineKey.objects.select_related("device")
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=Now()))
        .filter(Q(device__isnull=True) | Q(device__revoked_at__isnull=True))
        .filter(revoked_at__isnull=True)
    )


def key_of(text: str) -> MachineKey:
    """The bearer key that is written so and works now. Raises `KeyRefused`."""
    match = _KEY.fullmatch(text)
    if match is None:
        raise KeyRefused
    prefix, secret = match.groups()
    key = working_keys().filter(prefix=prefix).first()
    digest = hashlib.sha256(secret.encode()).digest()
    # A key that only signs has no secret.
    if key is None or not hmac.compare_digest(bytes(key.secret_sha256 or b""), digest):
        raise KeyRefused
    return key


class KeyAuthentication(BaseAuthentication):
    """Sets `request.auth` to the `MachineKey`. Read from the database on every request.

    No cache on purpose: a revoked device is refused at once, and the read costs half a millisecond.
    """

    def authenticate(self, request: Request) -> tuple[None, MachineKey] | None:
        header = request.headers.get("Authorization", "")
        scheme, _space, credentials = header.partition(" ")
        if scheme.lower() != "bearer":
            return None
        return None, key_of(credentials.strip())

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="TrustedTruck"'


# Whether a key still works, in a statement of which `%(key)s`, `%(device)s` and `%(scope)s` are
# values: what `working_keys` asks, and what of the key decides what may be done with it.
KEY_WORKS = """
EXISTS (SELECT 1 FROM accounts_machinekey k JOIN accounts_device d ON d.id = k.device_id
        WHERE k.id = %(key)s AND d.id = %(device)s AND %(scope)s::text = ANY(k.scopes)
          AND k.revoked_at IS NULL AND d.revoked_at IS NULL
          AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp()))
"""
REMEMBERED_SECONDS = 60.0
_MOST_REMEMBERED = 4096
_remembered: dict[bytes, tuple[float, MachineKey]] = {}


class RememberedKeyAuthentication(KeyAuthentication):
    """The same, from this process's memory where it can.

    Only for a view whose one statement asks `KEY_WORKS`, and which calls `ask_again` before it
    refuses anything: a revoked key is refused as promptly as everywhere, without a query of its
    own.
    """

    def authenticate(self, request: Request) -> tuple[None, MachineKey] | None:
        mark = self._mark(request)
        known = _remembered.get(mark)
        if known is not None and time.monotonic() - known[0] < REMEMBERED_SECONDS:
            return None, known[1]
        found = super().authenticate(request)
        if found is not None:
            if len(_remembered) >= _MOST_REMEMBERED:
                _remembered.clear()
            _remembered[mark] = (time.monotonic(), found[1])
        return found

    def ask_again(self, request: Request) -> None:
        """Forget what is remembered and ask the database. Raises `KeyRefused`."""
        _remembered.pop(self._mark(request), None)
        self.authenticate(request)

    def _mark(self, request: Request) -> bytes:
        """Of the whole header, so that no secret is kept."""
        header = request.headers.get("Authorization", "")
        return hashlib.sha256(header.encode("utf-8", "surrogateescape")).digest()


# To callers it is the same key, described once.
set_override(RememberedKeyAuthentication, "suppress_collision_warning", True)


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI description names the key."""

    target_class = KeyAuthentication
    match_subclasses = True
    name = "machineKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "The key of a device, partner or carrier: `tt_<prefix>_<secret>`.",
        }
