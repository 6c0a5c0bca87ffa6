"""At the edge: a bundle is verified and becomes the tables that decisions are made from."""

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from lanes.edge import format as format_
from lanes.edge.parts import BY_NAME, TABLES, Table
from lanes.models import HeldBundle
from lanes.queries import port as kept_ports
from trustedtruck.credentials.failures import Refusal
from trustedtruck.credentials.keyset import KeySet
from trustedtruck.credentials.queries import keys as kept_keys

# Whoever writes the index of alerts holds this lock, against decisions that are being committed.
_ALERTS = 7215701


@transaction.atomic
def apply_bundle(
    *, document: Mapping[str, Any], port_code: str, pinned: KeySet, at: datetime
) -> HeldBundle:
    """Verify and apply, all or nothing: until it commits, decisions see what was held before.

    `pinned` are the keys that the port was set up with; those of the bundle that it holds count as
    well. Raises `Refusal`; then nothing has changed.
    """
    held = HeldBundle.objects.select_for_update().filter(port_code=port_code).first()
    keys = KeySet([*pinned.values(), *kept_keys.all_keys().values()])
    manifest = format_.open_manifest(
        document.get("manifest"), port_code=port_code, keys=keys, at=at
    )
    if held is not None and (manifest.seq, manifest.made_at) < (held.seq, held.made_at):
        raise Refusal("bundle_rolled_back")
    texts = format_.check_parts(
        manifest, document.get("parts"), held=held.parts if held is not None else {}
    )
    _write(_changed(texts), at)
    row, _new = HeldBundle.objects.update_or_create(
        port_code=port_code,
        defaults={
            "issuer": manifest.issuer,
            "seq": manifest.seq,
            "made_at": manifest.made_at,
            "expires_at": manifest.expires_at,
            "applied_at": at,
            "parts": dict(manifest.parts),
        },
    )
    transaction.on_commit(_look_anew)
    return row


def _look_anew() -> None:
    kept_ports.forget()
    kept_keys.forget()


def _changed(texts: Mapping[str, str]) -> dict[str, dict[int, list[dict[str, Any]]]]:
    """Table -> shard -> rows. Raises `Refusal` for a table that this version does not know."""
    found: dict[str, dict[int, list[dict[str, Any]]]] = {}
    for name, text in texts.items():
        table, _slash, shard = name.partition("/")
        if table not in BY_NAME or not shard.isdigit():
            raise Refusal("bundle_malformed")
        found.setdefault(table, {})[int(shard)] = json.loads(text)
    return found


def _write(changed: Mapping[str, Mapping[int, list[dict[str, Any]]]], at: datetime) -> None:
    with connection.cursor() as cursor:
        if "alerts_term" in changed:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ALERTS])
        # First all that was known of the parts goes, so that a tag may move from truck to truck.
        for table in TABLES:
            for shard in changed.get(table.name, {}):
                _forget(cursor, table, shard)
        for table in TABLES:
            rows = [row for some in changed.get(table.name, {}).values() for row in some]
            _put(table, rows)
        cursor.execute(_ARRIVED, [at])


def _forget(cursor: Any, table: Table, shard: int) -> None:
    if table.only_new or table.gone == {}:
        return
    pk = table.model._meta.pk
    assert pk is not None  # noqa: S101 - every model has one
    where, values = "", []
    if table.shards > 1:
        where, values = f" WHERE mod({pk.column}, %s) = %s", [table.shards, shard]
    if table.gone is None:
        cursor.execute(f"DELETE FROM {table.name}{where}", values)  # noqa: S608 - our own names
        return
    becomes = {name: v() if callable(v) else v for name, v in table.gone.items()}
    # What went before went then: how long it is kept here counts from that day.
    sets = ", ".join(
        f'"{name}" = coalesce("{name}", %s)' if callable(value) else f'"{name}" = %s'
        for name, value in table.gone.items()
    )
    cursor.execute(
        f"UPDATE {table.name} SET {sets}{where}",  # noqa: S608 - our own names
        [*becomes.values(), *values],
    )


def _put(table: Table, rows: Iterable[dict[str, Any]]) -> None:
    fields = {field.attname: field for field in table.model._meta.concrete_fields}
    pk = table.model._meta.pk
    assert pk is not None  # noqa: S101 - every model has one
    made = []
    for row in rows:
        values = {name: v() if callable(v) else v for name, v in table.blank.items()}
        for name in table.columns:
            values[name] = _value(fields[name], row[name])
        made.append(table.model(**values))
    if not made:
        return
    manager = table.model._default_manager
    if table.only_new:
        manager.bulk_create(made, ignore_conflicts=True)
        return
    updated = [
        field.name
        for name, field in fields.items()
        if name != pk.attname and name not in table.kept
    ]
    manager.bulk_create(
        made,
        batch_size=500,
        update_conflicts=True,
        unique_fields=[pk.name],
        update_fields=updated,
    )


def _value(field: Any, value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"b64"}:
        return base64.b64decode(value["b64"])
    return field.to_python(value)


# A trip that has served here is not open again because headquarters has not heard of it yet.
_ARRIVED = """
UPDATE manifests_trip t SET state = 'arrived', arrived_at = %s
FROM lanes_passage p JOIN lanes_arrival a ON a.id = p.arrival_id
WHERE p.point = 'exit' AND a.trip_number = t.trip_number AND a.trip_number <> ''
  AND t.state IN ('preliminary', 'filed') AND p.received_at > now() - interval '2 days'
"""
