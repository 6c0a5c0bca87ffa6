"""Signing keys, status lists, credentials with their sanctions and holds, bundles, wallets."""

from trustedtruck.credentials.models.bundles import Bundle, BundleShard
from trustedtruck.credentials.models.credentials import (
    STATUS_LIST_SIZE,
    Credential,
    Hold,
    Sanction,
    StatusList,
)
from trustedtruck.credentials.models.handing_out import BulkJob, WalletOffer
from trustedtruck.credentials.models.keys import Purpose, SigningKey

__all__ = [
    "STATUS_LIST_SIZE",
    "BulkJob",
    "Bundle",
    "BundleShard",
    "Credential",
    "Hold",
    "Purpose",
    "Sanction",
    "SigningKey",
    "StatusList",
    "WalletOffer",
]
