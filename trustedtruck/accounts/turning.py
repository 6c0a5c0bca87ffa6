"""Turning the keys of what is sealed: everything under the newest, so that the older can go."""

from collections.abc import Callable
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import connection, transaction
from django.db.models import Model

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core.sealed import sealed_columns, turn_columns
from trustedtruck.core.sealing import seal_anew


def turn_keys(*, by: Actor, at: datetime) -> dict[str, int]:
    """Seal anew what is not under the newest key; the rows of each table that changed.

    A second run finds nothing to do. Raises `cryptography.fernet.InvalidToken`, and changes nothing
    of that table, where a value is under no key of the list.
    """
    done = _each(seal_anew)
    with transaction.atomic():
        audit.record(
            "personal_data.sealed_anew",
            by=by,
            subject_kind="key",
            subject_id="fields",
            data={"count": sum(done.values()), "tables": done},
        )
    return done


def under_older_keys() -> dict[str, int]:
    """How many rows of each table are not under the newest key. Changes nothing."""
    with transaction.atomic():
        found = _each(seal_anew)
        transaction.set_rollback(True)
    return found


def _each(turn: Callable[[str], str]) -> dict[str, int]:
    done = {
        model._meta.db_table: turn_columns(
            connection, model._meta.db_table, columns, turn, key=_key_of(model)
        )
        for model, columns in sealed_columns()
    }
    return done | {Authenticator._meta.db_table: _second_factors(turn)}


def _key_of(model: type[Model]) -> str:
    key = model._meta.pk
    assert key is not None  # noqa: S101 - every model has one
    return str(key.column)


@transaction.atomic
def _second_factors(turn: Callable[[str], str]) -> int:
    """They are within the JSON of a package's table: the secret, or the seed of recovery codes."""
    changed = 0
    for row in Authenticator.objects.select_for_update().order_by("pk").iterator():
        new = dict(row.data)
        for name in ("secret", "seed"):
            if isinstance(new.get(name), str):
                new[name] = turn(new[name])
        if isinstance(new.get("migrated_codes"), list):
            new["migrated_codes"] = [turn(code) for code in new["migrated_codes"]]
        if new != row.data:
            Authenticator.objects.filter(pk=row.pk).update(data=new)
            changed += 1
    return changed
