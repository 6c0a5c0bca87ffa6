from django.apps import AppConfig


class EdgeConfig(AppConfig):
    name = "lanes.edge"
    label = "edge"
