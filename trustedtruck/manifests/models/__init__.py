from trustedtruck.manifests.models.plant_health import (
    Certificate,
    CertificateLine,
    CertificateMessage,
    CertificateSeal,
)
from trustedtruck.manifests.models.shipments import (
    Commodity,
    ControlNumber,
    Party,
    Shipment,
    TradePartner,
)
from trustedtruck.manifests.models.submissions import Submission
from trustedtruck.manifests.models.trips import (
    CrewDocument,
    CrewMember,
    Equipment,
    ReplacedSeal,
    Seal,
    Trip,
    Version,
)

__all__ = [
    "Certificate",
    "CertificateLine",
    "CertificateMessage",
    "CertificateSeal",
    "Commodity",
    "ControlNumber",
    "CrewDocument",
    "CrewMember",
    "Equipment",
    "Party",
    "ReplacedSeal",
    "Seal",
    "Shipment",
    "Submission",
    "TradePartner",
    "Trip",
    "Version",
]
