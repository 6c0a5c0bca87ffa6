"""The ASGI entry point, for the process that serves event streams."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trustedtruck.settings")

application = get_asgi_application()
