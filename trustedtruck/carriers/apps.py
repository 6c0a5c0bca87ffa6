from django.apps import AppConfig


class CarriersConfig(AppConfig):
    """Carriers with their fleets and drivers; who is certified, at which tier."""

    name = "trustedtruck.carriers"
    label = "carriers"
