from django.apps import AppConfig


class PlanningConfig(AppConfig):
    """Simulated days of a port, saved scenarios and their runs."""

    name = "lanes.planning"
    label = "planning"
