"""Whether a policy's body can be one: every wrong field named at once, so that none is guessed."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lanes.rules.policy import BODY, LANE_POLICIES, RECORDS, seconds_of
from trustedtruck.identifiers.checked import Finding

TIERS = ("1", "2", "3")
MAX_CAMPAIGNS = 50


def _(text: str) -> str:
    """Mark a text for translation without translating it."""
    return text


UNKNOWN = Finding("unknown_field", _("There is no such field."))
MISSING = Finding("required", _("This is missing."))
NO_OBJECT = Finding("not_an_object", _("Write this as an object of names and values."))
NO_LIST = Finding("not_a_list", _("Write this as a list."))
NO_RATE = Finding("not_a_rate", _("A rate is a number from 0 to 1."))
NO_SWITCH = Finding("not_a_switch", _("Write true or false."))
NO_INSTANT = Finding(
    "not_an_instant", _("Write a date and time with its offset, as in 2026-03-01T14:05:00-06:00.")
)
NO_TIER = Finding("not_a_tier", _("A tier is 1, 2 or 3."))
NO_CHAPTER = Finding("not_a_chapter", _("An HS chapter is two digits, from 01 to 97."))
NO_PREFIX = Finding(
    "not_a_prefix", _("Goods are named by the first 2, 4 or 6 digits of their HS code.")
)
PREFIX_TWICE = Finding("prefix_twice", _("These goods are named already."))
NO_CARRIER = Finding("not_a_scac", _("A carrier is named by its SCAC, four letters."))
NO_NAME = Finding("not_a_name", _("A name is a text of 1 to 60 characters."))
SAME_NAME = Finding("name_twice", _("Another campaign has this name already."))
NO_PERIOD = Finding("period_is_empty", _("The end must come after the beginning."))
TOO_MANY = Finding("too_many", _("There are at most 50 campaigns."))
UNKNOWN_RECORD = Finding(
    "record_not_whole", _("Give rates for “clean”, “findings” and “unknown”, or for none of them.")
)


@dataclass(frozen=True, slots=True)
class Fault:
    """`field` is a path: `sampling_by_tier.2`, `campaigns.0.rate`."""

    field: str
    finding: Finding


def faults(body: Any) -> list[Fault]:
    """All that is wrong with a body, in the order of its fields; empty when it can be drafted.

    A field that is left out takes the usual value; one that nobody knows is wrong.
    """
    if not isinstance(body, Mapping):
        return [Fault("", NO_OBJECT)]
    found = [Fault(str(name), UNKNOWN) for name in body if name not in BODY]
    for name, check in _CHECKS.items():
        if name in body:
            found += check(name, body[name])
    return found


Check = Callable[[str, Any], Iterator[Fault]]


def _number(least: float, most: float) -> Check:
    finding = Finding(
        "out_of_range",
        _("This is a number from %(least)g to %(most)g."),
        {"least": least, "most": most},
    )

    def check(path: str, value: Any) -> Iterator[Fault]:
        if not _is_number(value) or not least <= value <= most:
            yield Fault(path, finding)

    return check


def _number_or_none(least: float, most: float) -> Check:
    check = _number(least, most)

    def or_none(path: str, value: Any) -> Iterator[Fault]:
        if value is not None:
            yield from check(path, value)

    return or_none


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _rate(path: str, value: Any) -> Iterator[Fault]:
    if not _is_number(value) or not 0 <= value <= 1:
        yield Fault(path, NO_RATE)


def _switch(path: str, value: Any) -> Iterator[Fault]:
    if not isinstance(value, bool):
        yield Fault(path, NO_SWITCH)


def _lane_policy(path: str, value: Any) -> Iterator[Fault]:
    if value not in LANE_POLICIES:
        yield Fault(
            path,
            Finding(
                "not_a_choice", _("Choose one of: %(all)s."), {"all": ", ".join(LANE_POLICIES)}
            ),
        )


def _rates(is_key: Callable[[str], bool], wrong_key: Finding) -> Check:
    def check(path: str, value: Any) -> Iterator[Fault]:
        if not isinstance(value, Mapping):
            yield Fault(path, NO_OBJECT)
            return
        for key, rate in value.items():
            if not isinstance(key, str) or not is_key(key):
                yield Fault(f"{path}.{key}", wrong_key)
            yield from _rate(f"{path}.{key}", rate)

    return check


def _tiers(path: str, value: Any) -> Iterator[Fault]:
    yield from _rates(TIERS.__contains__, NO_TIER)(path, value)
    if isinstance(value, Mapping):
        # A tier without a rate would be drawn always: nobody should mean that by leaving it out.
        yield from (Fault(f"{path}.{tier}", MISSING) for tier in TIERS if tier not in value)


def _records(path: str, value: Any) -> Iterator[Fault]:
    yield from _rates(RECORDS.__contains__, UNKNOWN_RECORD)(path, value)
    if isinstance(value, Mapping) and value and not set(RECORDS) <= set(value):
        yield Fault(path, UNKNOWN_RECORD)


def _is_chapter(text: Any) -> bool:
    return (
        isinstance(text, str)
        and re.fullmatch(r"[0-9]{2}", text, re.ASCII) is not None
        and 1 <= int(text) <= 97
        and text != "77"
    )


def _is_prefix(text: Any) -> bool:
    return (
        isinstance(text, str)
        and re.fullmatch(r"([0-9]{2}){1,3}", text, re.ASCII) is not None
        and _is_chapter(text[:2])
    )


def _prefixes(path: str, value: Any) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault(path, NO_LIST)
        return
    for index, item in enumerate(value):
        if not _is_prefix(item):
            yield Fault(f"{path}.{index}", NO_PREFIX)
        elif item in value[:index]:
            yield Fault(f"{path}.{index}", PREFIX_TWICE)


def _campaigns(path: str, value: Any) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault(path, NO_LIST)
        return
    if len(value) > MAX_CAMPAIGNS:
        yield Fault(path, TOO_MANY)
        return
    names = set()
    for index, item in enumerate(value):
        here = f"{path}.{index}"
        if not isinstance(item, Mapping):
            yield Fault(here, NO_OBJECT)
            continue
        yield from _campaign(here, item)
        name = item.get("name")
        if isinstance(name, str):
            if name in names:
                yield Fault(f"{here}.name", SAME_NAME)
            names.add(name)


_CAMPAIGN_FIELDS = ("name", "rate", "from", "until", "tiers", "chapters", "carriers")


def _campaign(path: str, item: Mapping[str, Any]) -> Iterator[Fault]:
    yield from (Fault(f"{path}.{n}", UNKNOWN) for n in item if n not in _CAMPAIGN_FIELDS)
    yield from (Fault(f"{path}.{n}", MISSING) for n in ("name", "rate", "from") if n not in item)
    name = item.get("name", "-")
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= 60 or "\x00" in name:
        yield Fault(f"{path}.name", NO_NAME)
    if "rate" in item:
        yield from _rate(f"{path}.rate", item["rate"])
    begins, ends = _seconds(item.get("from")), _seconds(item.get("until"))
    if "from" in item and begins is None:
        yield Fault(f"{path}.from", NO_INSTANT)
    if item.get("until") is not None and ends is None:
        yield Fault(f"{path}.until", NO_INSTANT)
    if begins is not None and ends is not None and ends <= begins:
        yield Fault(f"{path}.until", NO_PERIOD)
    for field, good, wrong in (
        ("tiers", _is_tier, NO_TIER),
        ("chapters", _is_chapter, NO_CHAPTER),
        ("carriers", _is_scac, NO_CARRIER),
    ):
        values = item.get(field, [])
        if not isinstance(values, list):
            yield Fault(f"{path}.{field}", NO_LIST)
            continue
        for index, value in enumerate(values):
            if not good(value):
                yield Fault(f"{path}.{field}.{index}", wrong)


def _is_tier(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 3


def _is_scac(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[A-Z]{4}", value, re.ASCII) is not None


def _seconds(value: Any) -> float | None:
    if not isinstance(value, str):
        return None
    try:
        return seconds_of(value)
    except (ValueError, OverflowError):
        return None


_DAY_S, _WEEK_MIN = 86_400.0, 10_080.0
_CHECKS: dict[str, Check] = {
    "sampling_by_tier": _tiers,
    "sampling_by_commodity": _rates(_is_chapter, NO_CHAPTER),
    "sampling_by_record": _records,
    "certificates_required": _prefixes,
    "campaigns": _campaigns,
    "late_report_s": _number(1, _DAY_S),
    "filing_minutes": _number(0, _WEEK_MIN),
    "fast_filing_minutes": _number(0, _WEEK_MIN),
    "trip_window_hours": _number(1, 720),
    "weight_tolerance": _number(0, 1),
    "require_weight": _switch,
    "require_radiation": _switch,
    "clone_minutes": _number(0, _WEEK_MIN),
    "lane_policy": _lane_policy,
    "deadline_ms": _number_or_none(100, 60_000),
    "no_show_minutes": _number(1, 1440),
    "second_look_score": _number(0, 1),
    "long_stop_minutes": _number(1, 1440),
}
