"""The Celery application. Every message is a hint; the truth is a database row."""

import os
import threading
from typing import Any

from celery import Celery
from celery.signals import task_postrun, task_prerun, worker_ready

from trustedtruck.core.hung_worker import watch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trustedtruck.settings")

app = Celery("trustedtruck")
app.config_from_object("django.conf:settings", namespace="CELERY")
# A process that serves one queue reads the tasks of that queue alone, and beat, which sends names,
# those of an app that has none: the libraries of the others take seconds of each start.
_TASKS_OF = {
    "worker": ["lanes"],
    "planning": ["lanes.planning"],
    "beat": ["trustedtruck.core"],
}
app.autodiscover_tasks(_TASKS_OF.get(os.environ.get("TRUSTEDTRUCK_PROCESS", "")))


@task_prerun.connect
@task_postrun.connect
def give_connections_back(sender: Any = None, **_arguments: object) -> None:
    """Broken connections are thrown away, whole ones go back to the pool."""
    from django.db import close_old_connections

    if sender is None or not getattr(sender.request, "is_eager", False):
        close_old_connections()


@worker_ready.connect
def end_when_hung(sender: Any, **_arguments: object) -> None:
    """`sender` is the consumer; its controller is the worker.

    Only where the process is the worker's own: one in a thread must not end what it is part of.
    """
    if threading.current_thread() is threading.main_thread():
        watch(sender.controller, grace_s=app.conf.worker_soft_shutdown_timeout + 2)
