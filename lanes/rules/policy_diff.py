"""What differs between two versions of a policy, a sentence for each difference."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from lanes.rules.policy import Campaign, Policy
from trustedtruck.identifiers.checked import Finding


def _(text: str) -> str:
    """Mark a text for translation without translating it."""
    return text


_RATES = {
    "sampling_by_tier": _("Carriers of tier %(key)s are drawn at %(new)s instead of %(old)s."),
    "sampling_by_commodity": _(
        "Trucks with goods of HS chapter %(key)s are drawn at %(new)s instead of %(old)s."
    ),
    "sampling_by_record": _(
        "Carriers with the record “%(key)s” are drawn at %(new)s instead of %(old)s."
    ),
}
_VALUES = {
    "late_report_s": _("A report counts as late after %(new)s seconds instead of %(old)s seconds."),
    "filing_minutes": _(
        "A manifest must be complete %(new)s minutes before arrival instead of %(old)s minutes."
    ),
    "fast_filing_minutes": _(
        "For the fast lane a manifest must be complete %(new)s minutes before arrival instead of"
        " %(old)s minutes."
    ),
    "trip_window_hours": _(
        "A trip may be %(new)s hours away from its expected arrival instead of %(old)s hours."
    ),
    "weight_tolerance": _("The scale may differ from the manifest by %(new)s instead of %(old)s."),
    "clone_minutes": _(
        "The same tag cannot be at two gates within %(new)s minutes instead of %(old)s minutes."
    ),
    "no_show_minutes": _(
        "A truck must appear at its station within %(new)s minutes instead of %(old)s minutes."
    ),
    "second_look_score": _(
        "Two people must clear a scan with a mark from score %(new)s instead of %(old)s."
    ),
    "long_stop_minutes": _(
        "A jointly released truck may take %(new)s minutes to the second point instead of"
        " %(old)s minutes."
    ),
    "deadline_ms": _(
        "A truck is inspected when its decision takes more than %(new)s ms instead of %(old)s ms"
        " (“–”: the port’s own time)."
    ),
    "lane_policy": _("The fast lanes are “%(new)s” instead of “%(old)s”."),
}
_SWITCHES = {
    ("require_weight", True): _("A weight from the scale is needed."),
    ("require_weight", False): _("A weight from the scale is no longer needed."),
    ("require_radiation", True): _("A reading of the radiation portal is needed."),
    ("require_radiation", False): _("A reading of the radiation portal is no longer needed."),
}
_CERTIFICATE_NEEDED = _("Goods of HS %(key)s need a plant-health certificate.")
_CERTIFICATE_NOT_NEEDED = _("Goods of HS %(key)s no longer need a plant-health certificate.")
_CAMPAIGN_NEW = _(
    "New campaign “%(name)s”: %(rate)s from %(from)s until %(until)s; tiers %(tiers)s;"
    " HS chapters %(chapters)s; carriers %(carriers)s."
)
_CAMPAIGN_CHANGED = _(
    "The campaign “%(name)s” is now: %(rate)s from %(from)s until %(until)s; tiers %(tiers)s;"
    " HS chapters %(chapters)s; carriers %(carriers)s."
)
CAMPAIGN = _(
    "“%(name)s”: %(rate)s from %(from)s until %(until)s; tiers %(tiers)s; HS chapters %(chapters)s;"
    " carriers %(carriers)s"
)
_CAMPAIGN_GONE = _("The campaign “%(name)s” is taken out.")
NONE, ANY = "–", "*"
_PERCENT = ("weight_tolerance",)


def changes(old: Policy, new: Policy) -> Iterator[Finding]:
    """Each difference in the order of the fields: code (the field), sentence, and its values."""
    for name, text in _RATES.items():
        yield from _rates(name, text, getattr(old, name), getattr(new, name))
    yield from _certificates(set(old.certificates_required), set(new.certificates_required))
    yield from _campaigns(old.campaigns, new.campaigns)
    for name, text in _VALUES.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            say = percent if name in _PERCENT else _plain
            yield Finding(name, text, {"old": say(before), "new": say(after)})
    for (name, value), text in _SWITCHES.items():
        if getattr(old, name) != getattr(new, name) == value:
            yield Finding(name, text)


def _rates(
    name: str, text: str, old: Mapping[str, float], new: Mapping[str, float]
) -> Iterator[Finding]:
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            values = {"old": percent(old.get(key)), "new": percent(new.get(key))}
            yield Finding(name, text, {"key": key, **values})


def _certificates(old: set[str], new: set[str]) -> Iterator[Finding]:
    for prefix in sorted(old ^ new):
        text = _CERTIFICATE_NEEDED if prefix in new else _CERTIFICATE_NOT_NEEDED
        yield Finding("certificates_required", text, {"key": prefix})


def _campaigns(old: tuple[Campaign, ...], new: tuple[Campaign, ...]) -> Iterator[Finding]:
    before, after = {c.name: c for c in old}, {c.name: c for c in new}
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield Finding("campaigns", _CAMPAIGN_GONE, {"name": name})
        elif before.get(name) != after[name]:
            text = _CAMPAIGN_CHANGED if name in before else _CAMPAIGN_NEW
            yield Finding("campaigns", text, parts(after[name]))


def parts(campaign: Campaign) -> dict[str, str]:
    """What the sentences about a campaign name."""
    body = campaign.as_json()
    return {
        "name": campaign.name,
        "rate": percent(campaign.rate),
        "from": body["from"],
        "until": body["until"] or NONE,
        **{
            name: ", ".join(str(item) for item in body[name]) or ANY
            for name in ("tiers", "chapters", "carriers")
        },
    }


def percent(value: float | None) -> str:
    """A rate with all its digits: 0.0005 as 0.05 %."""
    return NONE if value is None else f"{100 * value:g} %"


def share(text: str) -> float | None:
    """What `percent` wrote, or a number from 0 to 1; in decimals, so that 7 % is 0.07."""
    number, sign, rest = text.partition("%")
    try:
        rate = float(Decimal(number.strip()) / (100 if sign else 1))
    except (ArithmeticError, ValueError):
        return None
    return None if rest.strip() else rate


def _plain(value: float | str | None) -> str:
    if value is None:
        return NONE
    return value if isinstance(value, str) else f"{value:g}"
