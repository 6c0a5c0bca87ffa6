"""The Celery application. Every message is a hint; the truth is a database row."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trustedtruck.settings")

app = Celery("trustedtruck")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
