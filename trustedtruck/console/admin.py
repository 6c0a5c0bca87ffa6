"""Every table of the product that holds nothing about people, in the admin."""

from django.apps import apps
from django.conf import settings
from django.contrib import admin

from trustedtruck.console.admin_site import ReadOnlyAdmin

# Alerts are shown to those whom their mark lets see them.
# Who drives, who belongs to a carrier, and messages and notices with people or alerts in them: the
# console's own pages show them to those who may see them, and write down that they did.
ABOUT_PEOPLE = {
    "alerts.alert",
    "alerts.criterion",
    "alerts.feedback",
    "alerts.filing",
    "alerts.finding",
    "alerts.hit",
    "alerts.inbound",
    "alerts.partner",
    "alerts.release",
    "alerts.seizure",
    "alerts.term",
    "accounts.cacheentry",
    "accounts.officernotice",
    "accounts.user",
    "carriers.document",
    "carriers.driver",
    "carriers.importjob",
    "carriers.invitation",
    "carriers.membership",
    "carriers.notice",
    "carriers.profile",
    "carriers.webhookdelivery",
    "carriers.webhookendpoint",
    "credentials.credential",
    "credentials.walletoffer",
    "lanes.arrival",
    "lanes.assignment",
    "lanes.refusal",
    "manifests.crewdocument",
    "manifests.crewmember",
    "manifests.submission",
    "manifests.version",
}

for config in apps.get_app_configs():
    if str(config.path).startswith(str(settings.BASE_DIR)) and "site-packages" not in config.path:
        for model in config.get_models():
            if model._meta.label_lower not in ABOUT_PEOPLE:
                admin.site.register(model, ReadOnlyAdmin)
