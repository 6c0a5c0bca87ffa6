"""Webhooks by the Standard Webhooks specification: signed, and never into our own network."""

import base64
import ipaddress
import secrets
import socket
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from standardwebhooks.webhooks import Webhook

from trustedtruck.core.posting import Posted, post
from trustedtruck.core.sealing import unseal

# After each failure; the last one is followed by giving up.
DELAYS = tuple(
    timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
)
# A host that cannot even be written for DNS (`a..example`) is a UnicodeError.
_UNRESOLVED = (OSError, UnicodeError)


def new_secret() -> str:
    """A signing secret, as both sides keep it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def refuse_address(url: str) -> str:
    """Why an address is not taken, empty when it is. Names are resolved now and at each sending."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 443
    except ValueError:
        return str(_("This is no web address."))
    if parts.scheme != "https" and not settings.WEBHOOKS_ALLOW_PRIVATE:
        return str(_("The address must begin with https://."))
    if not host or parts.username or parts.password:
        return str(_("This is no web address."))
    try:
        addresses = resolve(host, port)
    except _UNRESOLVED:
        return str(_("There is no such host."))
    if not addresses:
        return str(_("This address lies in a private network, where we send nothing."))
    return ""


def resolve(host: str, port: int) -> list[str]:
    """The public addresses of a host; an empty list as soon as one of them is not public."""
    found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    if settings.WEBHOOKS_ALLOW_PRIVATE:
        return sorted(found)
    return sorted(found) if all(_is_public(address) for address in found) else []


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_global and not (mapped or ip).is_multicast


def send_signed(url: str, sealed_secret: str, message_id: str, body: str) -> Posted:
    """Send one message. Its address is resolved again: a name may lead elsewhere by now.

    It is signed for this instant, not for that at which a worker began with many: receivers refuse
    what is five minutes old.
    """
    parts = urlsplit(url)
    try:
        addresses = resolve(parts.hostname or "", parts.port or 443)
    except _UNRESOLVED as error:
        return Posted(None, str(error))
    if not addresses:
        return Posted(None, "the address lies in a private network")
    at = timezone.now()
    signature = Webhook(unseal(sealed_secret)).sign(message_id, at, body)
    return post(
        url,
        addresses[0],
        body.encode(),
        {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signature,
        },
    )
