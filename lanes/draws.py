"""The random draw: nobody can predict it, nobody can steer it, anyone can recompute it later.

draw = HMAC-SHA256(seed of the day, identity of the truck on that day) as a number in [0, 1). A
truck that is presented again on the same day gets the same draw.
"""

import hashlib
import hmac
from datetime import UTC, datetime

from django.conf import settings

from lanes.rules.facts import Facts


def _seed(day: str) -> bytes:
    master = settings.KEYSTORE_PASSPHRASE or settings.SECRET_KEY
    return hmac.digest(master.encode(), b"lane draw seed " + day.encode(), "sha256")


def draw(facts: Facts) -> float:
    """In [0, 1), the same for the same truck on the same UTC day."""
    seen = facts.seen
    day = datetime.fromtimestamp(seen.received_at, UTC).date().isoformat()
    identity = seen.tag_epc or f"{seen.plate_jurisdiction}:{seen.plate_number}"
    digest = hmac.new(_seed(day), f"{day}|{identity}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:7]) / 2**56
