"""The tables of alerts and of what is shared about them, one file per matter."""

from trustedtruck.alerts.models.alerts import Alert, Category, Criterion, Severity, Term
from trustedtruck.alerts.models.findings import Finding
from trustedtruck.alerts.models.hits import Filing, Hit
from trustedtruck.alerts.models.messages import Feedback, Seizure
from trustedtruck.alerts.models.sharing import Agreement, Inbound, Partner, Release

__all__ = [
    "Agreement",
    "Alert",
    "Category",
    "Criterion",
    "Feedback",
    "Filing",
    "Finding",
    "Hit",
    "Inbound",
    "Partner",
    "Release",
    "Seizure",
    "Severity",
    "Term",
]
