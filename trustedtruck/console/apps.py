from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Officers' pages and live events. No tables."""

    name = "trustedtruck.console"
    label = "console"
