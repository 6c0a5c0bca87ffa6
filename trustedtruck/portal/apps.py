from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The first page and the carriers' pages. No tables."""

    name = "trustedtruck.portal"
    label = "portal"
