"""Making the lane bundle: incrementally, a few rows and shards for each change."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from trustedtruck.audit.actors import system
from trustedtruck.credentials.formats import bitstring, strict_json
from trustedtruck.credentials.formats import bundle as format_
from trustedtruck.credentials.keyset import did_web
from trustedtruck.credentials.models import (
    Bundle,
    BundleShard,
    Credential,
    Hold,
    Purpose,
    SigningKey,
)
from trustedtruck.credentials.queries.documents import trusted_everywhere
from trustedtruck.credentials.queries.keys import all_keys
from trustedtruck.credentials.queries.status import all_list_states
from trustedtruck.credentials.services.keys import ensure_key, signer_of
from trustedtruck.credentials.states import LIVE, Kind

BUILDER = system("bundle")
# Signed anew this often without any change, so that silence and loss can be told apart.
RENEW = timedelta(seconds=60)
KEEP = timedelta(hours=1)
_LOCK = 0x7454_6264  # "tTbd"


@transaction.atomic
def build_bundle(*, at: datetime, complete: bool = False) -> Bundle | None:
    """A new bundle if anything changed or the last is old; None if not, or if another builds now.

    `complete` reads every credential again instead of those that changed.
    """
    if not _mine():
        return None
    last = None if complete else Bundle.objects.order_by("-seq").first()
    # Before the rows are read: what commits meanwhile is read again next time.
    watermark, limit = _snapshot()
    if last is not None and last.watermark > watermark:
        last = None  # another server's history: a dump was loaded
    if last is None:
        _take_time()
    key = ensure_key(Purpose.BUNDLE, by=BUILDER, at=at)
    dirty = _changed_shards(last, limit)
    content = _content(dirty)
    name = hashlib.sha256(strict_json.dumps(content) + key.kid.encode()).hexdigest()
    if last is not None and last.content == name and at - last.made_at < RENEW:
        return None
    made = Bundle.objects.create(
        made_at=at,
        expires_at=at + format_.LIFE,
        watermark=watermark,
        content=name,
        manifest="",
    )
    _save(dirty, made.seq)
    made.manifest = _signed(content, made.seq, key, at)
    made.save(update_fields=["manifest"])
    Bundle.objects.filter(made_at__lt=at - KEEP).delete()
    return made


def _mine() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _take_time() -> None:
    """A million trucks are written down for longer than a transaction may usually stand idle."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '5min'")


def _snapshot() -> tuple[int, int]:
    """The oldest transaction that is still open, and the first that has not begun."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint"
            " FROM pg_current_snapshot() s"
        )
        oldest, next_one = cursor.fetchone()
    return oldest, next_one


def _changed_shards(last: Bundle | None, limit: int) -> dict[int, str]:
    """The new text of every shard that may have changed."""
    live = Credential.objects.filter(kind=Kind.TRUCK, state__in=LIVE).exclude(tag_epc="")
    if last is None:
        shards: dict[int, format_.Shard] = {number: {} for number in range(format_.SHARDS)}
    else:
        tags = set(
            Credential.objects.filter(changed_xid__gte=last.watermark, changed_xid__lt=limit)
            .exclude(tag_epc="")
            .values_list("tag_epc", flat=True)
        )
        numbers = {format_.shard_of(tag) for tag in tags}
        live = live.filter(tag_epc__in=tags)
        shards = {number: {} for number in numbers}
        for row in BundleShard.objects.filter(number__in=numbers):
            shards[row.number] = strict_json.object_of(row.body.encode())
        for tag in tags:
            shards[format_.shard_of(tag)].pop(tag, None)
    for tag, entry in _entries(live.order_by("pk").values_list(*_FIELDS).iterator(10_000)):
        shards[format_.shard_of(tag)][tag] = entry
    return {number: format_.encode_shard(entries) for number, entries in shards.items()}


_FIELDS = (
    *("tag_epc", "public_id", "status_list_id", "status_index", "valid_from", "valid_until"),
    *("plate_number", "plate_jurisdiction"),
)


def _entries(rows: Iterable[tuple[Any, ...]]) -> Iterable[tuple[str, format_.Entry]]:
    for tag, public_id, number, index, begins, ends, plate, jurisdiction in rows:
        yield (
            tag,
            [
                str(public_id),
                number,
                index,
                int(begins.timestamp()),
                int(ends.timestamp()),
                plate,
                jurisdiction,
            ],
        )


def _content(dirty: dict[int, str]) -> dict[str, Any]:
    digests: defaultdict[int, str] = defaultdict(lambda: format_.digest(format_.EMPTY))
    digests.update(BundleShard.objects.values_list("number", "digest"))
    digests.update({number: format_.digest(body) for number, body in dirty.items()})
    holds = Hold.objects.filter(lifted_at__isnull=True)
    return {
        "keys": [format_.key_entry(key) for key in trusted_everywhere(all_keys())],
        "status": {
            str(state.number): [
                bitstring.encode_bitstring(state.revoked, state.size),
                bitstring.encode_bitstring(state.suspended, state.size),
            ]
            for state in all_list_states()
        },
        "holds": sorted({str(i) for i in holds.values_list("credential__public_id", flat=True)}),
        "shards": [digests[number] for number in range(format_.SHARDS)],
    }


def _save(dirty: dict[int, str], seq: int) -> None:
    held = dict(BundleShard.objects.filter(number__in=dirty).values_list("number", "digest"))
    BundleShard.objects.bulk_create(
        [
            BundleShard(number=number, seq=seq, digest=digest, body=body)
            for number, body in dirty.items()
            if held.get(number) != (digest := format_.digest(body))
        ],
        update_conflicts=True,
        unique_fields=["number"],
        update_fields=["seq", "digest", "body"],
    )


def _signed(content: dict[str, Any], seq: int, key: SigningKey, at: datetime) -> str:
    return format_.sign_manifest(
        content,
        seq=seq,
        at=at,
        issuer=did_web(settings.BASE_URL),
        kid=key.kid,
        signer=signer_of(key),
    )
