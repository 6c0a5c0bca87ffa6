from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Warnings, feedback and seizures; who may receive them; what matches them."""

    name = "trustedtruck.alerts"
    label = "alerts"
