from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Errors, transitions, problem+json, the embedded services. No tables."""

    name = "trustedtruck.core"

    def ready(self) -> None:
        # Shared tasks bind to this application in every process that sets Django up.
        from trustedtruck import celery  # noqa: F401
