"""Does a plant-health certificate speak of this shipment? Pure.

Bound to the truck by the seal; then consignee, commodity, country and weight must agree. Every
disagreement has a code, and a value that either side does not give is one as well where it matters.
"""

from decimal import Decimal
from typing import NamedTuple

WEIGHT_TOLERANCE = Decimal("0.10")  # certificate in net weight, manifest in gross


class Goods(NamedTuple):
    """The side of the manifest: one shipment. `hs_codes` are those that need a certificate."""

    seals: frozenset[str]
    hs_codes: frozenset[str]
    consignee_key: str
    weight_kg: Decimal
    import_country: str
    origin_countries: frozenset[str]


class Paper(NamedTuple):
    """The side of the certificate. `weight_kg` is None where it gives none."""

    seals: frozenset[str]
    hs_codes: frozenset[str]
    consignee_key: str
    weight_kg: Decimal | None
    import_country: str
    origin_countries: frozenset[str]


def mismatches(goods: Goods, paper: Paper) -> tuple[str, ...]:
    """Stable codes of what disagrees, in a fixed order; empty where all agrees.

    `seal`, `commodity`, `consignee`, `import_country`, `origin_country`, `weight`.
    """
    found = []
    if not goods.seals & paper.seals:
        found.append("seal")
    if paper.hs_codes and not _covers(paper.hs_codes, goods.hs_codes):
        found.append("commodity")
    if goods.consignee_key != paper.consignee_key:
        found.append("consignee")
    if paper.import_country != goods.import_country:
        found.append("import_country")
    origins = paper.origin_countries
    if origins and goods.origin_countries and not origins & goods.origin_countries:
        found.append("origin_country")
    if paper.weight_kg is not None and _differs(goods.weight_kg, paper.weight_kg):
        found.append("weight")
    return tuple(found)


def _covers(paper: frozenset[str], goods: frozenset[str]) -> bool:
    """Each code of the goods begins with one of the paper, or the other way round, at six digits.

    A certificate may name a heading of four digits where the manifest names ten.
    """
    return all(any(_same(code[:6], other[:6]) for other in paper) for code in goods)


def _same(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _differs(goods: Decimal, paper: Decimal) -> bool:
    return abs(goods - paper) > WEIGHT_TOLERANCE * max(goods, paper)
