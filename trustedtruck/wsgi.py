"""The WSGI entry point for gunicorn."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trustedtruck.settings")

application = get_wsgi_application()
# Read the addresses and what stands behind them now, not while the first truck waits.
get_resolver().url_patterns  # noqa: B018 - a property that reads them
# All of this stays: nobody need look at it again, and workers forked from here share its memory.
gc.freeze()
