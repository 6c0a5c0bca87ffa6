"""Reading ePhyto XML by the names of its elements: leniently, bounded, and never falling.

No DTD, no entities, nothing fetched, a bounded depth. What is not understood is listed.
"""

import base64
import binascii
import datetime as dt
import io
import re
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element, ParseError  # defusedxml parses  # nosec B405

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from trustedtruck.identifiers import hs, seal
from trustedtruck.manifests.ephyto import vocabulary as names
from trustedtruck.manifests.ephyto.certificate import Line, Parsed

MAX_DEPTH = 64
MAX_LINES = 20_000
MAX_ELEMENTS = 1_000_000
MAX_NOTES = 200
_COUNTRY = re.compile(r"[A-Z]{2}")


class Unreadable(Exception):
    """Not a certificate. `code` is stable, `text` an English sentence."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def read(body: bytes) -> Parsed:
    """The certificate in a message: by itself, or in an envelope, as XML, as text or as base64.

    Raises `Unreadable`: `not_xml`, `dtd`, `too_deep`, `no_certificate`, `wrong_namespace`,
    `two_certificates`, `too_many_lines`, `too_many_elements`.
    """
    found, content = _parse(body)
    for _level in range(2):
        if found is not None:
            return found
        if not content:
            break
        found, content = _parse(_unwrap(content))
    if found is not None:
        return found
    raise Unreadable("no_certificate", "The message holds no SPSCertificate.")


def _unwrap(content: str) -> bytes:
    text = content.strip()
    if text.startswith("<"):
        return text.encode("utf-8")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("no_certificate", "The envelope holds neither XML nor base64.") from None


def _parse(body: bytes) -> tuple[Parsed | None, str]:
    """The certificate, or else the content of an envelope."""
    reader = _Reader()
    try:
        for event, element in iterparse(
            io.BytesIO(body),
            events=("start", "end"),
            forbid_dtd=True,
            forbid_entities=True,
            forbid_external=True,
        ):
            if event == "start":
                reader.start(element)
            else:
                reader.end(element)
    except DefusedXmlException:
        raise Unreadable("dtd", "The XML declares a document type or entities.") from None
    except ParseError as error:
        line, column = error.position
        text = f"The XML is broken at line {line}, column {column}."
        raise Unreadable("not_xml", text) from None
    except (LookupError, ValueError):
        raise Unreadable("not_xml", "The XML is in an encoding that is not read here.") from None
    return reader.certificate, reader.content


def _split(tag: str) -> tuple[str, str]:
    namespace, _brace, name = tag.rpartition("}")
    return namespace[1:], name


class _Reader:
    """Follows the elements; keeps of each only what its parent has use for."""

    def __init__(self) -> None:
        self.stack: list[str] = []
        self.elements = 0
        self.certificate: Parsed | None = None
        self.inside = False
        self.content = ""
        self.line: Line | None = None
        self.system = self.code = ""
        self.equipment = ""
        self.pending_seals: list[str] = []
        self.relation = self.reference = ""
        self.noted: set[str] = set()

    def start(self, element: Element) -> None:
        namespace, name = _split(element.tag)
        self.stack.append(name)
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            text = f"The XML has more than {MAX_ELEMENTS:,} elements."
            raise Unreadable("too_many_elements", text)
        if len(self.stack) > MAX_DEPTH:
            raise Unreadable("too_deep", "The XML is nested too deeply.")
        if name == names.ROOT:
            if self.certificate is not None:
                raise Unreadable("two_certificates", "The message holds more than one certificate.")
            if namespace and not names.NAMESPACE.fullmatch(namespace):
                text = f"SPSCertificate stands in the namespace {namespace[:100]}."
                raise Unreadable("wrong_namespace", text)
            self.certificate = Parsed()
            self.inside = True
            if not namespace:
                self.note("SPSCertificate has no namespace.")
        elif self.inside:
            if name not in names.KNOWN:
                self.note_once(name)
            if name == "IncludedSPSTradeLineItem":
                self.line = Line()

    def end(self, element: Element) -> None:
        _namespace, name = _split(element.tag)
        self.stack.pop()
        if not self.inside:
            if name in names.ENVELOPES and element.text and not self.content:
                self.content = element.text
        elif name == names.ROOT:
            self.inside = False
        else:
            parent = self.stack[-1] if self.stack else ""
            self.value(name, parent, " ".join((element.text or "").split()), element)
        if name in ("IncludedSPSTradeLineItem", "AttachmentBinaryObject", "IncludedSPSNote"):
            element.clear()

    def note(self, text: str) -> None:
        assert self.certificate is not None  # noqa: S101 - only called inside of one
        if len(self.certificate.not_understood) < MAX_NOTES:
            self.certificate.not_understood.append(text)

    def note_once(self, name: str) -> None:
        if name not in self.noted and len(self.noted) < MAX_NOTES:
            self.noted.add(name)
            self.note(f"Element {'/'.join(self.stack[-3:])[:150]} is not known.")

    def value(self, name: str, parent: str, text: str, element: Element) -> None:
        """One finished element: put its text where it belongs."""
        c = self.certificate
        assert c is not None  # noqa: S101 - only called inside of one
        grandparent = self.stack[-2] if len(self.stack) > 1 else ""
        if self.line is not None:
            self.in_line(name, parent, text, element)
        elif parent == "SPSExchangedDocument":
            self.in_document(name, text)
        elif name == "DateTimeString" and grandparent == "SPSExchangedDocument":
            self.in_document(parent, text)
        elif name == "Name" and parent in ("IssuerSPSParty", "SPSIssuerSPSParty"):
            c.issuer = c.issuer or text
        elif name == "Name" and parent == "ConsignorSPSParty":
            c.consignor = c.consignor or text
        elif name == "Name" and parent == "ConsigneeSPSParty":
            c.consignee = c.consignee or text
        elif parent == "ReferenceSPSReferencedDocument":
            if name == "ID":
                self.reference = text
            elif name == "RelationshipTypeCode":
                self.relation = text
        elif name == "ID" and parent == "ExportSPSCountry":
            c.export_country = self.country(text, name)
        elif name == "ID" and parent == "ImportSPSCountry":
            c.import_country = self.country(text, name)
        elif parent == "UtilizedSPSTransportEquipment" and name == "ID":
            self.equipment = seal.normalise(text)[:35]
        elif name == "ID" and parent == "AffixedSPSSeal":
            self.pending_seals += [seal.normalise(x)[:35] for x in re.split(r"[,;/]", text) if x]
        elif name == "UtilizedSPSTransportEquipment":
            c.seals += [(number, self.equipment) for number in self.pending_seals if number]
            self.pending_seals, self.equipment = [], ""
        elif name == "AffixedSPSSeal" and parent != "UtilizedSPSTransportEquipment":
            c.seals += [(number, "") for number in self.pending_seals if number]
            self.pending_seals = []
        if name == "ReferenceSPSReferencedDocument":
            # UN/CEFACT 1153: the document that this one replaces.
            if self.relation.upper() in ("REPLACES", "ACW", "AFC", "39", "REP") and self.reference:
                c.replaces = self.reference
            self.relation = self.reference = ""

    def in_document(self, name: str, text: str) -> None:
        c = self.certificate
        assert c is not None  # noqa: S101 - only called inside of one
        if name == "ID":
            c.number = c.number or text
        elif name == "Name":
            c.name = c.name or text
        elif name == "TypeCode":
            c.type_code = c.type_code or text
        elif name == "StatusCode":
            c.status_code = c.status_code or text
        elif name == "IssueDateTime" and text and c.issued_at is None:
            c.issued_at = _instant(text)
            if c.issued_at is None:
                self.note(f"IssueDateTime “{text[:40]}” is no date.")

    def in_line(self, name: str, parent: str, text: str, element: Element) -> None:
        line, c = self.line, self.certificate
        assert line is not None  # noqa: S101 - only called inside of a line
        assert c is not None  # noqa: S101
        if name == "IncludedSPSTradeLineItem":
            if len(c.lines) >= MAX_LINES:
                raise Unreadable("too_many_lines", f"More than {MAX_LINES} trade lines.")
            c.lines.append(line)
            self.line = None
        elif parent == "ApplicableSPSClassification":
            if name in ("SystemName", "SystemID"):
                self.system = (self.system + text).upper()
            elif name == "ClassCode":
                self.code = text
        elif name == "ApplicableSPSClassification":
            if "HS" in self.system or "HARMONI" in self.system:
                checked = hs.normalise(self.code)
                if checked.isascii() and checked.isdigit() and 2 <= len(checked) <= 10:
                    line.hs_code = line.hs_code or checked
                else:
                    self.note(f"Commodity code “{self.code[:40]}” is none of the HS.")
            self.system = self.code = ""
        elif name == "ScientificName":
            line.scientific_name = line.scientific_name or text[:200]
        elif name == "CommonName":
            line.common_name = line.common_name or text[:200]
        elif name == "Description" and parent == "IncludedSPSTradeLineItem":
            line.description = line.description or text[:500]
        elif name == "ID" and parent == "OriginSPSCountry":
            line.origin_country = line.origin_country or self.country(text, name)
        elif name == "NetWeightMeasure":
            line.net_weight_kg = self.weight(text, element)
        elif name == "GrossWeightMeasure":
            line.gross_weight_kg = self.weight(text, element)

    def country(self, text: str, name: str) -> str:
        value = text.upper()
        if _COUNTRY.fullmatch(value):
            return value
        if text:
            self.note(f"{'/'.join(self.stack[-1:])} {name} “{text[:40]}” is no country.")
        return ""

    def weight(self, text: str, element: Element) -> Decimal | None:
        unit = (element.get("unitCode") or "KGM").upper()
        factor = names.KILOGRAMS.get(unit)
        try:
            value = Decimal(text) if text.isascii() and len(text) < 24 else None
        except InvalidOperation:
            value = None
        if factor is None or value is None or not value.is_finite() or value.adjusted() > 9:
            self.note(f"Weight “{text[:40]}” in “{unit[:10]}” is not understood.")
            return None
        if value < 0:
            self.note(f"Weight “{text[:40]}” is negative.")
            return None
        return round(value * factor, 3)


def _instant(text: str) -> dt.datetime | None:
    """ISO 8601 with or without offset, or `20261124`; without offset it is read as UTC."""
    try:
        value = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    try:
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
    except OverflowError:
        return None
