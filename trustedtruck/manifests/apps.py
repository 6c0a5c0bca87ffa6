from django.apps import AppConfig


class ManifestsConfig(AppConfig):
    """What is known before the truck comes: trips, shipments, plant-health certificates."""

    name = "trustedtruck.manifests"
    label = "manifests"
