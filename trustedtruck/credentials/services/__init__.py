"""Every change to credentials: issue, life, sanctions. Keys are in `services.keys`."""

from trustedtruck.credentials.services.issue import issue_credentials
from trustedtruck.credentials.services.life import (
    expire_due,
    reinstate,
    reissue,
    reissue_of_key,
    renew,
    replace_many,
    revoke,
    suspend,
)
from trustedtruck.credentials.services.sanctions import (
    lift_sanction,
    remove_carrier,
    sanction_carrier,
)

__all__ = [
    "expire_due",
    "issue_credentials",
    "lift_sanction",
    "reinstate",
    "reissue",
    "reissue_of_key",
    "remove_carrier",
    "renew",
    "replace_many",
    "revoke",
    "sanction_carrier",
    "suspend",
]
