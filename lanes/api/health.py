"""Whether the process lives, and whether the system is ready."""

from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu import Connection
from psycopg_pool import PoolTimeout

from lanes import heartbeat, queries

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
    checks: dict[str, Any] = {"database": "ok", "broker": broker()}
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
        # Still loading what it shows; only `manage.py run` writes this file.
        and not (settings.HOME / "starting").exists()
        and checks["oldest_waiting_seconds"] < OVERDUE_SECONDS
        and checks["workers"] > 0
        and checks["sweeps"] > 0
    )
    checks["status"] = "ok" if ready else "not ready"
    return JsonResponse(checks, status=200 if ready else 503)


def broker() -> str:
    """“ok”, or how it does not answer."""
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
