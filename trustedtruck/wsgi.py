"""The WSGI entry point for gunicorn."""

import gc
import os

from django.core.handlers.wsgi import WSGIHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trustedtruck.settings")


def _read() -> WSGIHandler:
    """All code and all addresses now, not while the first truck waits.

    All of it stays: nobody need look for garbage in it, now or later, and workers forked from here
    share its memory.
    """
    from django.core.wsgi import get_wsgi_application
    from django.urls import get_resolver

    gc.disable()
    made = get_wsgi_application()
    get_resolver().url_patterns  # noqa: B018 - a property that reads them
    gc.freeze()
    gc.enable()
    return made


application = _read()
