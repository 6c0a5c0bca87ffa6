"""Whose key it is: an agency's that is a partner; and how often it may ask."""

import base64
import binascii

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from trustedtruck.accounts.authentication import KeyAuthentication, KeyRefused, key_of
from trustedtruck.accounts.models import MachineKey
from trustedtruck.alerts.models import Partner


class NotAPartner(PermissionDenied):
    default_detail = _("Only a partner agency can do this.")
    default_code = "not_a_partner"


def partner_of(request: Request) -> Partner:
    """The partner whose key this is. Raises `NotAPartner`."""
    key = request.auth
    if isinstance(key, MachineKey) and key.agency_id is not None:
        partner = Partner.objects.select_related("agency").filter(pk=key.agency_id).first()
        if partner is not None:
            return partner
    raise NotAPartner


class PartnerThrottle(SimpleRateThrottle):
    """By partner, and for strangers by address; counted in the database's cache."""

    scope = "partner"
    rate = "600/min"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        key = request.auth
        who = key.agency_id if isinstance(key, MachineKey) else None
        return f"throttle_partner_{who or self.get_ident(request)}"


class BasicOrBearer(KeyAuthentication):
    """TAXII clients speak HTTP Basic (TAXII 2.1, 1.6.9): any user name, the key as password."""

    def authenticate(self, request: Request) -> tuple[None, MachineKey] | None:
        scheme, _space, credentials = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return super().authenticate(request)
        try:
            text = base64.b64decode(credentials, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise KeyRefused from None
        return None, key_of(text.partition(":")[2])

    def authenticate_header(self, request: Request) -> str:
        return 'Basic realm="TrustedTruck"'
