"""A manifest that files cleanly, for the demonstration, the documentation and the tests."""

import datetime as dt
from typing import Any

# What the samples' parties are certified as: register these with `services.partners.register`.
SAMPLE_PARTNERS: tuple[dict[str, Any], ...] = (
    {
        "programme_number": "MX-OEA-104417",
        "name": "Electrónica del Bravo, S.A. de C.V.",
        "country": "MX",
        "makes": True,
        "imports": False,
    },
    {
        "programme_number": "US-CTPAT-220915",
        "name": "Lone Star Components, Inc.",
        "country": "US",
        "makes": False,
        "imports": True,
    },
)


def sample_manifest(
    *,
    scac: str,
    trip_number: str,
    port: str,
    plate: str,
    jurisdiction: str = "TX",
    truck_number: str = "T100",
    vin: str = "",
    tag_epc: str = "",
    fast_card: str = "",
    given_names: str = "ROSA",
    family_names: str = "GARZA LUNA",
    trailer_number: str = "",
    trailer_plate: str = "",
    trailer_jurisdiction: str = "TX",
    seals: tuple[str, ...] = (),
    shipment_number: str = "",
    estimated_arrival_at: dt.datetime,
    gross_weight_kg: int | None = 24_000,
    hs_code: str = "853710",
    description: str = "ELECTRICAL CONTROL PANELS",
    loaded: bool = True,
) -> dict[str, Any]:
    """The JSON body of `POST /api/v1/manifests/` for one trip with one trailer and one shipment.

    What is left empty is made from the trip number. With `loaded=False` an empty trailer without
    seal and shipment.
    """
    tail = trip_number[4:]
    trailer = trailer_number or f"R{tail[-8:]}"
    body: dict[str, Any] = {
        "purpose": "complete",
        "trip_number": trip_number,
        "port": port,
        "estimated_arrival_at": estimated_arrival_at.isoformat(),
        "conveyance": {
            "kind": "tractor",
            "number": truck_number,
            "plate": {"number": plate, "jurisdiction": jurisdiction},
        },
        "equipment": [
            {
                "kind": "trailer",
                "number": trailer,
                "plate": {
                    "number": trailer_plate or f"T{tail[-7:]}",
                    "jurisdiction": trailer_jurisdiction,
                },
                "loaded": loaded,
                "seals": [
                    {"number": number, "grade": "H"}
                    for number in (seals or (f"S{tail[-10:]}",) if loaded else ())
                ],
            }
        ],
        "crew": [
            {
                "role": "driver",
                "given_names": given_names,
                "family_names": family_names,
                "birth_date": "1984-05-17",
                "citizenship": "MX",
                "gender": "F",
                "documents": [{"kind": "passport", "number": "G12345678", "country": "MX"}],
            }
        ],
        "shipments": [],
    }
    if vin:
        body["conveyance"]["vin"] = vin
    if tag_epc:
        body["conveyance"]["tag_epc"] = tag_epc
    if fast_card:
        body["crew"][0]["fast_card"] = fast_card
    if gross_weight_kg is not None:
        body["gross_weight_kg"] = gross_weight_kg
    if loaded:
        body["shipments"].append(
            _shipment(scac, shipment_number or f"{scac}{tail[-12:]}", trailer, hs_code, description)
        )
    return body


def _shipment(
    scac: str, number: str, trailer: str, hs_code: str, description: str
) -> dict[str, Any]:
    return {
        "control_number": number,
        "release": "paps",
        "equipment": trailer,
        "parties": [
            {
                "role": "shipper",
                "name": "Electrónica del Bravo, S.A. de C.V.",
                "line": "Blvd. Aeropuerto 1200",
                "city": "Nuevo Laredo",
                "region": "TAM",
                "postal_code": "88000",
                "country": "MX",
            },
            {
                "role": "consignee",
                "name": "Lone Star Components, Inc.",
                "line": "4800 Mines Road",
                "city": "Laredo",
                "region": "TX",
                "postal_code": "78045",
                "country": "US",
            },
            {
                "role": "manufacturer",
                "name": "Electrónica del Bravo, S.A. de C.V.",
                "country": "MX",
                "programme_number": "MX-OEA-104417",
            },
            {
                "role": "importer",
                "name": "Lone Star Components, Inc.",
                "country": "US",
                "programme_number": "US-CTPAT-220915",
            },
        ],
        "commodities": [
            {
                "description": description,
                "quantity": 240,
                "unit": "CTN",
                "weight_kg": 8150,
                "hs_code": hs_code,
                "origin_country": "MX",
                "value_usd": 96000,
            }
        ],
    }


def sample_certificate(
    *,
    number: str,
    seal: str,
    consignee: str = "Lone Star Components, Inc.",
    hs_code: str = "080440",
    weight_kg: int = 8000,
    status: str = "70",
    replaces: str = "",
    import_country: str = "US",
    issued_at: dt.datetime,
) -> bytes:
    """A phytosanitary certificate for avocados from Mexico, in the schema of version 17."""
    reference = (
        "<ram:ReferenceSPSReferencedDocument><ram:RelationshipTypeCode>REPLACES"
        f"</ram:RelationshipTypeCode><ram:ID>{replaces}</ram:ID>"
        "</ram:ReferenceSPSReferencedDocument>"
        if replaces
        else ""
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:SPSCertificate xmlns:rsm="urn:un:unece:uncefact:data:standard:SPSCertificate:17"
    xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:21"
    xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:21">
  <rsm:SPSExchangedDocument>
    <ram:Name>Certificado fitosanitario</ram:Name>
    <ram:ID>{number}</ram:ID>
    <ram:TypeCode>851</ram:TypeCode>
    <ram:StatusCode>{status}</ram:StatusCode>
    <ram:IssueDateTime><udt:DateTimeString>{issued_at.isoformat()}</udt:DateTimeString>
    </ram:IssueDateTime>
    <ram:IssuerSPSParty><ram:Name>SENASICA</ram:Name></ram:IssuerSPSParty>{reference}
  </rsm:SPSExchangedDocument>
  <rsm:SPSConsignment>
    <ram:ConsignorSPSParty><ram:Name>Aguacates del Sur, S.A. de C.V.</ram:Name>
    </ram:ConsignorSPSParty>
    <ram:ConsigneeSPSParty><ram:Name>{consignee}</ram:Name></ram:ConsigneeSPSParty>
    <ram:ExportSPSCountry><ram:ID>MX</ram:ID></ram:ExportSPSCountry>
    <ram:ImportSPSCountry><ram:ID>{import_country}</ram:ID></ram:ImportSPSCountry>
    <ram:UtilizedSPSTransportEquipment>
      <ram:ID>R100</ram:ID>
      <ram:AffixedSPSSeal><ram:ID>{seal}</ram:ID></ram:AffixedSPSSeal>
    </ram:UtilizedSPSTransportEquipment>
    <ram:IncludedSPSConsignmentItem>
      <ram:IncludedSPSTradeLineItem>
        <ram:SequenceNumeric>1</ram:SequenceNumeric>
        <ram:Description languageID="en">Fresh avocados</ram:Description>
        <ram:ScientificName>Persea americana</ram:ScientificName>
        <ram:NetWeightMeasure unitCode="KGM">{weight_kg}</ram:NetWeightMeasure>
        <ram:ApplicableSPSClassification>
          <ram:SystemName>HS</ram:SystemName><ram:ClassCode>{hs_code}</ram:ClassCode>
        </ram:ApplicableSPSClassification>
        <ram:OriginSPSCountry><ram:ID>MX</ram:ID></ram:OriginSPSCountry>
      </ram:IncludedSPSTradeLineItem>
    </ram:IncludedSPSConsignmentItem>
  </rsm:SPSConsignment>
</rsm:SPSCertificate>
""".encode()
