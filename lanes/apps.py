from django.apps import AppConfig


class LanesConfig(AppConfig):
    """The port: where a truck goes."""

    name = "lanes"
    label = "lanes"
