"""The names of an SPSCertificate, from the schemas that the IPPC hub publishes with its service.

Prefixes, order and even namespaces of the parts vary in real files; the names do not.
"""

import re
from decimal import Decimal

from trustedtruck.manifests.document import KG_PER_LB

# SPSCertificate:17 and its other versions; the hub's envelopes hold it under the hub's own name.
NAMESPACE = re.compile(
    r"urn:un:unece:uncefact:data:[Ss]tandard:SPSCertificate:[0-9]+|http://ephyto\.ippc\.int/.*"
)
ROOT = "SPSCertificate"
ENVELOPES = frozenset({"Content", "ePhytoXML"})

STATES = {"70": "issued", "40": "withdrawn", "64": "replaced"}
KILOGRAMS = {
    "KGM": Decimal(1),
    "KG": Decimal(1),
    "TNE": Decimal(1000),
    "GRM": Decimal("0.001"),
    "LBR": KG_PER_LB,
}

KNOWN = frozenset(
    [
        "SPSCertificate",
        "SPSExchangedDocument",
        "SPSConsignment",
        "Name",
        "ID",
        "TypeCode",
        "StatusCode",
        "IssueDateTime",
        "DateTimeString",
        "DateTime",
        "IssuerSPSParty",
        "SPSIssuerSPSParty",
        "IncludedSPSNote",
        "Subject",
        "SubjectCode",
        "Content",
        "ContentCode",
        "ReferenceSPSReferencedDocument",
        "RelationshipTypeCode",
        "Information",
        "AttachmentBinaryObject",
        "SignatorySPSAuthentication",
        "ActualDateTime",
        "IssueSPSLocation",
        "ProviderSPSParty",
        "SpecifiedSPSPerson",
        "IncludedSPSClause",
        "ConsignorSPSParty",
        "ConsigneeSPSParty",
        "SpecifiedSPSAddress",
        "LineOne",
        "LineTwo",
        "LineThree",
        "LineFour",
        "LineFive",
        "PostcodeCode",
        "CityName",
        "CountryID",
        "CountryName",
        "ExportSPSCountry",
        "ImportSPSCountry",
        "TransitSPSCountry",
        "ReExportSPSCountry",
        "LoadingBaseportSPSLocation",
        "UnloadingBaseportSPSLocation",
        "ExaminationSPSEvent",
        "OccurrenceSPSLocation",
        "OcurrenceSPSLocation",
        "MainCarriageSPSTransportMovement",
        "ModeCode",
        "UsedSPSTransportMeans",
        "UtilizedSPSTransportEquipment",
        "AffixedSPSSeal",
        "IncludedSPSConsignmentItem",
        "NatureIdentificationSPSCargo",
        "IncludedSPSTradeLineItem",
        "SequenceNumeric",
        "Description",
        "CommonName",
        "ScientificName",
        "IntendedUse",
        "NetWeightMeasure",
        "GrossWeightMeasure",
        "NetVolumeMeasure",
        "GrossVolumeMeasure",
        "AdditionalInformationSPSNote",
        "ApplicableSPSClassification",
        "SystemID",
        "SystemName",
        "ClassCode",
        "ClassName",
        "PhysicalSPSPackage",
        "LevelCode",
        "ItemQuantity",
        "OriginSPSCountry",
        "OriginSPSLocation",
        "SubordinateSPSCountrySubDivision",
        "HierarchicalLevelCode",
        "AppliedSPSProcess",
        "CompletionSPSPeriod",
        "StartDateTime",
        "EndDateTime",
        "DurationMeasure",
        "ApplicableSPSProcessCharacteristic",
        "ValueMeasure",
        "MinimumValueMeasure",
        "MaximumValueMeasure",
        "DeliverySPSParty",
        "OperatorSPSParty",
        "AvailabilityDueDateTime",
        "StorageDateTime",
    ]
)
