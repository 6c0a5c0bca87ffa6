"""What a carrier hears of: on its page, by e-mail, and at its webhooks."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Topic(models.TextChoices):
    APPLICATION = "application", _("Application and review")
    STANDING = "standing", _("Tier, sanctions and appeals")
    CREDENTIALS = "credentials", _("Credentials")
    DOCUMENTS = "documents", _("Documents about to end")
    FLEET = "fleet", _("Imports and changes of the fleet")
    CROSSINGS = "crossings", _("Crossings")


def all_topics() -> list[str]:
    return list(Topic.values)
