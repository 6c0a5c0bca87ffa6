from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Who did what, when, to what: append-only."""

    name = "trustedtruck.audit"
    label = "audit"
