"""Asking a worker to look: by the task's name, so that services need not import tasks."""

from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def after_commit(task: str, **arguments: Any) -> None:
    """Publish a hint once the present transaction is committed (at once where there is none).

    A broker that does not answer costs time, never the change itself: what waits is in rows, and
    beat asks again.
    """
    transaction.on_commit(lambda: _publish(task, arguments))


def _publish(task: str, arguments: dict[str, Any]) -> None:
    try:
        current_app.send_task(task, kwargs=arguments)
    except OperationalError as error:
        log.error("task_not_queued", task=task, error=str(error))
