"""Shipments with their parties and commodities."""

import re

from django.utils.translation import gettext_lazy as _

from trustedtruck.identifiers import hs, pedimento
from trustedtruck.manifests import document as doc
from trustedtruck.manifests import hs_table
from trustedtruck.manifests.checks.findings import Findings
from trustedtruck.manifests.checks.trips import MAX_WEIGHT_KG

MAX_QUANTITY = 999_999_999
MAX_VALUE_USD = 9_999_999_999

_UNIT = re.compile(r"[A-Z0-9]{2,3}")
_UN = re.compile(r"[0-9]{4}")


def check_shipment(found: Findings, path: str, s: doc.Shipment, carrier: str) -> doc.Shipment:
    """The shipment in normal form."""
    roles = [p.role for p in s.parties]
    for role in ("shipper", "consignee"):
        if role not in roles:
            found.wrong(
                f"{path}.parties",
                f"no_{role}",
                _("A shipment needs a shipper.")
                if role == "shipper"
                else _("A shipment needs a consignee."),
            )
    if len(set(roles)) < len(roles):
        found.wrong(f"{path}.parties", "duplicate", _("A role stands twice in one shipment."))
    if not s.commodities:
        found.wrong(
            f"{path}.commodities", "required", _("A shipment needs at least one commodity.")
        )
    found.at_most(f"{path}.parties", s.parties, doc.MAX_ITEMS)
    found.at_most(f"{path}.commodities", s.commodities, doc.MAX_ITEMS)
    if s.equipment:
        found.own_number(f"{path}.equipment", s.equipment, required=False)
    return doc.Shipment(
        control_number=found.control_number(f"{path}.control_number", s.control_number, carrier),
        release=found.one_of(f"{path}.release", s.release, doc.RELEASES),
        equipment=s.equipment.replace(" ", "").upper(),
        parties=tuple([_party(found, f"{path}.parties.{i}", p) for i, p in enumerate(s.parties)]),
        commodities=tuple(
            [_commodity(found, f"{path}.commodities.{i}", c) for i, c in enumerate(s.commodities)]
        ),
        pedimento=found.identifier(f"{path}.pedimento", s.pedimento, pedimento.check),
    )


def _party(found: Findings, path: str, p: doc.Party) -> doc.Party:
    return doc.Party(
        p.role,
        found.text(f"{path}.name", p.name, 60, required=True),
        found.text(f"{path}.line", p.line, 110),
        found.text(f"{path}.city", p.city, 60),
        found.text(f"{path}.region", p.region.upper(), 3),
        found.text(f"{path}.postal_code", p.postal_code.upper(), 15),
        found.country(f"{path}.country", p.country),
        found.text(f"{path}.programme_number", p.programme_number.upper(), 32),
    )


def _hs_code(found: Findings, path: str, text: str) -> str:
    code = found.identifier(path, text, hs.check)
    if len(code) >= 6 and not hs_table.is_known(code):
        found.odd(path, "hs_unknown", _("The tariff of 2022 has no such commodity code."))
    return code


def _commodity(found: Findings, path: str, c: doc.Commodity) -> doc.Commodity:
    if not 0 < c.quantity <= MAX_QUANTITY:
        found.range(f"{path}.quantity", MAX_QUANTITY)
    # What is less than a gram is nothing once it is stored.
    weight = round(c.weight_kg, 3)
    if not 0 < weight <= MAX_WEIGHT_KG:
        found.range(f"{path}.weight_kg", MAX_WEIGHT_KG)
    if c.value_usd is not None and not 0 <= c.value_usd <= MAX_VALUE_USD:
        found.range(f"{path}.value_usd", MAX_VALUE_USD)
    return doc.Commodity(
        description=found.text(f"{path}.description", c.description, 512, required=True),
        quantity=c.quantity,
        unit=found.shape(
            f"{path}.unit",
            c.unit,
            _UNIT,
            "unit",
            _("Write the packaging unit's code, like CTN."),
            True,
        ),
        weight_kg=weight,
        hs_code=_hs_code(found, f"{path}.hs_code", c.hs_code),
        origin_country=found.country(f"{path}.origin_country", c.origin_country, required=True),
        value_usd=c.value_usd,
        un_number=found.shape(
            f"{path}.un_number",
            c.un_number,
            _UN,
            "un_number",
            _("A UN number of dangerous goods has four digits."),
            False,
        ),
    )
