"""The tables of the carriers, one file per matter."""

from trustedtruck.carriers.models.application import (
    Answer,
    Application,
    Evidence,
    InformationRequest,
    VettingCheck,
)
from trustedtruck.carriers.models.carrier import Carrier
from trustedtruck.carriers.models.documents import Document, Insurance
from trustedtruck.carriers.models.fleet import Driver, Trailer, Truck
from trustedtruck.carriers.models.imports import ImportJob
from trustedtruck.carriers.models.members import Invitation, Membership
from trustedtruck.carriers.models.notices import Notice, WebhookDelivery, WebhookEndpoint
from trustedtruck.carriers.models.profile import Profile
from trustedtruck.carriers.models.standing import (
    Appeal,
    CorrectiveAction,
    CorrectivePlan,
    Measure,
    SiteVisit,
)

__all__ = [
    "Answer",
    "Appeal",
    "Application",
    "Carrier",
    "CorrectiveAction",
    "CorrectivePlan",
    "Document",
    "Driver",
    "Evidence",
    "ImportJob",
    "InformationRequest",
    "Insurance",
    "Invitation",
    "Measure",
    "Membership",
    "Notice",
    "Profile",
    "SiteVisit",
    "Trailer",
    "Truck",
    "VettingCheck",
    "WebhookDelivery",
    "WebhookEndpoint",
]
