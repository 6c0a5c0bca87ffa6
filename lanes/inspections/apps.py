from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    """Inspections of trucks that were not let into the fast lane."""

    name = "lanes.inspections"
    label = "inspections"
