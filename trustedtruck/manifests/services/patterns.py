"""Patterns in manifests: origins against a shipper's history, prices against others'."""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery

from trustedtruck.alerts.models import Finding
from trustedtruck.alerts.services.findings import Pattern, note_patterns
from trustedtruck.audit.actors import Actor
from trustedtruck.manifests.models import Commodity, Party

LOOKED_BACK = timedelta(days=180)
# So many lines make a history, or a price that others can be measured by.
HISTORY, GROUP = 5, 8
USUAL_SHARE = 0.8
# Robust deviations (median, MAD) from which a price is far off, and the least factor between.
FAR, FACTOR = 6.0, 3.0


def find_patterns(*, by: Actor, at: datetime) -> int:
    """Note what is new. How many."""
    return note_patterns(found=[*origins(at), *prices(at)], by=by, at=at)


def origins(at: datetime) -> Iterator[Pattern]:
    """A shipper whose goods of one heading nearly always came from one country, and now do not."""
    lines: dict[tuple[str, str], list[tuple[str, str, str]]] = defaultdict(list)
    names: dict[str, str] = {}
    shippers = Party.objects.filter(role="shipper", shipment=OuterRef("shipment"))
    rows = (
        Commodity.objects.filter(shipment__filed_at__gt=at - LOOKED_BACK)
        .exclude(hs_code="")
        .annotate(
            shipper_key=Subquery(shippers.values("name_key")),
            shipper=Subquery(shippers.values("name")),
        )
        .filter(shipper_key__isnull=False)
        .order_by("shipment__filed_at", "pk")
        .values_list(
            "shipper_key",
            "shipper",
            "shipment__control_number",
            "hs_code",
            "origin_country",
            "shipment__trip__port_code",
        )
    )
    for key, name, number, code, country, port in rows.iterator():
        names[key] = name
        lines[key, code[:4]].append((country, number, port or ""))
    for (key, heading), some in sorted(lines.items()):
        usual, count = Counter(country for country, _n, _p in some).most_common(1)[0]
        odd = [(country, number, port) for country, number, port in some if country != usual]
        if odd and count >= HISTORY and count / len(some) >= USUAL_SHARE:
            evidence = {
                "heading": heading,
                "usual origin": f"{usual}: {count}/{len(some)}",
                "otherwise": [f"{n}: {c} ({p or '—'})" for c, n, p in odd],
            }
            same = [heading, *(number for _country, number, _port in odd)]
            yield Pattern(Finding.Pattern.ORIGIN, names[key], evidence, odd[-1][2], same)


def prices(at: datetime) -> Iterator[Pattern]:
    """Lines whose value by weight is far from the others of the same six digits."""
    groups: dict[str, list[tuple[float, str, str]]] = defaultdict(list)
    rows = Commodity.objects.filter(
        shipment__filed_at__gt=at - LOOKED_BACK, value_usd__gt=0, weight_kg__gt=0
    ).exclude(hs_code="")
    columns = (
        "hs_code",
        "value_usd",
        "weight_kg",
        "shipment__control_number",
        "shipment__trip__port_code",
    )
    for code, value, weight, number, port in rows.values_list(*columns):
        groups[code[:6]].append((float(value or 0) / float(weight), number, port or ""))
    for code, some in sorted(groups.items()):
        if len(some) < GROUP:
            continue
        logs = [math.log(price) for price, _number, _port in some]
        middle = statistics.median(logs)
        # A group of equal prices has no spread: the factor alone decides then.
        spread = 1.4826 * statistics.median(abs(log - middle) for log in logs)
        for price, number, port in some:
            off = abs(math.log(price) - middle)
            if off > max(FAR * spread, math.log(FACTOR)):
                evidence = {
                    "goods": f"HS {code} ({len(some)})",
                    "this one": f"{price:.2f} USD/kg",
                    "the median": f"{math.exp(middle):.2f} USD/kg",
                }
                same = [code, f"{price:.2f}"]
                yield Pattern(Finding.Pattern.PRICE, number, evidence, port, same)
