from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    """Keys, credentials and their status, the lane bundle, verification."""

    name = "trustedtruck.credentials"
    label = "credentials"
