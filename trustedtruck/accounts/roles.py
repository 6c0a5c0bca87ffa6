"""What an officer may be, each role with the sentence that describes it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    GATE_OPERATOR = "gate_operator", _("Gate operator")
    PRIMARY_OFFICER = "primary_officer", _("Primary officer")
    INSPECTOR = "inspector", _("Inspector")
    IMAGE_ANALYST = "image_analyst", _("Image analyst")
    SUPERVISOR = "supervisor", _("Supervisor")
    POLICY_OFFICER = "policy_officer", _("Policy officer")
    ENROLMENT_OFFICER = "enrolment_officer", _("Enrolment officer")
    PARTNER_OFFICER = "partner_officer", _("Partner officer")
    AUDITOR = "auditor", _("Auditor")
    SYSTEM_ADMINISTRATOR = "system_administrator", _("System administrator")


class Scope(models.TextChoices):
    """What a machine's key may do."""

    ARRIVALS_WRITE = "arrivals:write", _("report arrivals and read their lanes")
    PASSAGES_WRITE = "passages:write", _("report passages")
    LANES_READ = "lanes:read", _("read lanes and live events of its port")
    SCANS_WRITE = "scans:write", _("post scans")
    MANIFESTS_WRITE = "manifests:write", _("file manifests and certificates")
    CREDENTIALS_ISSUE = "credentials:issue", _("issue and change credentials")
    CREDENTIALS_READ = "credentials:read", _("fetch the lane bundle")
    ALERTS_READ = "alerts:read", _("read alerts that an agreement releases")
    ALERTS_WRITE = "alerts:write", _("send alerts")
