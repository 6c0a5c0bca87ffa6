"""Whether the process lives, whether the system is ready, and the numbers for Prometheus."""

import os
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu import Connection
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from psycopg_pool import PoolTimeout

from lanes import heartbeat, queries
from lanes.metrics import Now

# An arrival that waits this long past any deadline means that neither gate nor sweep closes.
OVERDUE_SECONDS = 10.0


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Database, broker, workers and the oldest arrival without a lane; 503 when one is wrong."""
    checks: dict[str, Any] = {"database": "ok", "broker": _broker()}
    try:
        oldest = queries.oldest_waiting_seconds()
        alive = heartbeat.alive()
    except (DatabaseError, InterfaceError, PoolTimeout) as error:
        checks["database"] = f"does not answer: {type(error).__name__}"
    else:
        checks["oldest_waiting_seconds"] = round(oldest, 3)
        checks["workers"] = alive.get("worker", 0)
        checks["sweeps"] = alive.get("sweep", 0)
    ready = (
        checks["database"] == checks["broker"] == "ok"
        and checks["oldest_waiting_seconds"] < OVERDUE_SECONDS
        and checks["workers"] > 0
        and checks["sweeps"] > 0
    )
    checks["status"] = "ok" if ready else "not ready"
    return JsonResponse(checks, status=200 if ready else 503)


def _broker() -> str:
    url = settings.CELERY_BROKER_URL
    try:
        if url.startswith("redis"):
            client = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
            try:
                client.ping()
            finally:
                client.close()
        else:
            options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
            with Connection(url, connect_timeout=1, transport_options=options) as broker:
                broker.connect()
    except Exception as error:
        return f"does not answer: {type(error).__name__}"
    return "ok"


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """All processes' numbers together, and what the database knows at this moment."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    now = Now(registry)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        now.oldest.set(queries.oldest_waiting_seconds())
        for kind, count in heartbeat.alive().items():
            now.processes.labels(kind).set(count)
        now.up.set(1)
    except (DatabaseError, InterfaceError, PoolTimeout):
        now.up.set(0)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
