"""How long what is about people is kept, by kind; and the purge of what is past its time.

An app takes part by having a module `retention` with `KINDS`. A purge takes out what says who
somebody is, and leaves what is counted: a crossing keeps its port, time, route and reasons, a trip
its goods. The audit itself is never purged: it names no driver, only numbers of rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module, util
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Kind:
    """`purge` takes out at most so many rows that ended before an instant, and tells how many.

    `text` says what goes and what stays. The days are `RETENTION_DAYS[code]`.
    """

    code: str
    text: str | Promise
    purge: Callable[[datetime, int], int]

    @property
    def days(self) -> int:
        return int(settings.RETENTION_DAYS[self.code])


def kinds() -> list[Kind]:
    """Every kind of the product, in the order of its apps."""
    found: list[Kind] = []
    for config in apps.get_app_configs():
        name = f"{config.name}.retention"
        if config.name != "trustedtruck.audit" and util.find_spec(name):
            found += import_module(name).KINDS
    return found


def delete_some(rows: QuerySet[Any], limit: int) -> int:
    """Delete at most so many of these rows; how many, without those that hung on them."""
    found = list(rows.order_by("pk").values_list("pk", flat=True)[:limit])
    rows.model._default_manager.filter(pk__in=found).delete()
    return len(found)


def purge(*, by: Actor, at: datetime) -> dict[str, int]:
    """Purge every kind; how many rows of each. Batch by batch, each with its audit event."""
    return {kind.code: _purge(kind, by=by, at=at) for kind in kinds()}


def _purge(kind: Kind, *, by: Actor, at: datetime) -> int:
    before, total = at - timedelta(days=kind.days), 0
    while True:
        with transaction.atomic():
            count = kind.purge(before, BATCH)
            if count:
                audit.record(
                    "personal_data.purged",
                    by=by,
                    subject_kind="retention",
                    subject_id=kind.code,
                    data={"count": count, "before": before.isoformat()},
                )
        total += count
        if count < BATCH:
            return total
