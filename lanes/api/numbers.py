"""The numbers for Prometheus; deploy/alerts.yml says which of them wake somebody."""

import math
import os
import shutil

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from psycopg_pool import PoolTimeout

from lanes import heartbeat, queries
from lanes.api.health import broker
from lanes.metrics import Now
from lanes.models import Alarm


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """All processes' numbers together, and what the database knows at this moment."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    now = Now(registry)
    now.broker.set(broker() == "ok")
    now.free.set(shutil.disk_usage(settings.HOME).free)
    try:
        _ask_the_database(now)
        now.up.set(1)
    except (DatabaseError, InterfaceError, PoolTimeout):
        now.up.set(0)
        # Not known: no alert may rest on a 0 that nobody measured.
        now.oldest.set(math.nan)
        now.unsealed.set(math.nan)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _ask_the_database(now: Now) -> None:
    now.oldest.set(queries.oldest_waiting_seconds())
    alive = heartbeat.alive()
    for kind in {"worker", "sweep", *alive}:
        now.processes.labels(kind).set(alive.get(kind, 0))
    found = queries.vitals()
    for name, bundle in found.bundles.items():
        now.age.labels(name).set(bundle.age)
        now.left.labels(name).set(bundle.remaining)
    now.unsealed.set(found.unsealed_seconds)
    for kind in Alarm.Kind.values:
        now.alarms.labels(kind).set(found.open_alarms.get(kind, 0))
    now.journal.labels("waiting").set(found.journal_waiting)
    now.journal.labels("refused").set(found.journal_refused)
