from django.contrib.admin.apps import AdminConfig


class Tables(AdminConfig):
    """Django's admin, with our site in place of its own."""

    default_site = "trustedtruck.console.admin_site.ReadOnlySite"
