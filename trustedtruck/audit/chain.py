"""The canonical form of an event, and the hash that ties it to all before it."""

import hashlib
import json
from collections.abc import Sequence

GENESIS = bytes(32)
# Everything that an event says, as PostgreSQL writes it; `e` is the event.
CANONICAL = """
e.id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.action, e.actor_kind,
e.actor_id, e.actor_label, e.on_behalf_of, e.subject_kind, e.subject_id, e.port_code, e.request_id,
host(e.ip), e.data::text
"""


def canonical(row: Sequence[object]) -> bytes:
    """A row of `CANONICAL` as one JSON array of texts (null where there is none)."""
    texts = [None if value is None else str(value) for value in row]
    return json.dumps(texts, ensure_ascii=False, separators=(",", ":")).encode()


def link_hash(before: bytes, row: Sequence[object]) -> bytes:
    """The hash of the link that holds this event after `before`."""
    return hashlib.sha256(before + canonical(row)).digest()
