"""The yardstick's own Celery application."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lanes.benchmarks.yardstick.settings")

app = Celery("yardstick")
app.config_from_object("lanes.benchmarks.yardstick.settings", namespace="CELERY")
app.autodiscover_tasks(["lanes.benchmarks.yardstick"])
