from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, agencies, devices and their keys."""

    name = "trustedtruck.accounts"
    label = "accounts"
