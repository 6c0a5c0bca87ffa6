"""The campaigns of a policy on its form: a set of boxes for each, and empty sets for more."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lanes.rules.policy_diff import percent, share

# So many can be added to one draft.
EMPTY_SETS = 3
PARTS: dict[str, Any] = {
    "name": _("Name"),
    "rate": _("Drawn at random"),
    "from": pgettext_lazy("since when", "From"),
    "until": _("Until"),
    "tiers": _("Tiers"),
    "chapters": _("HS chapters"),
    "carriers": _("Carriers by SCAC"),
}
_HINTS = {
    "name": _("Empty all boxes of a campaign to take it out."),
    "rate": _("For example 25 %."),
    "from": _("For example 2026-03-01 06:00."),
    "until": _("Empty: until another policy ends it."),
    "tiers": _("With commas. Empty: all."),
    "chapters": _("With commas. Empty: all."),
    "carriers": _("With commas. Empty: all."),
}
_LISTS = ("tiers", "chapters", "carriers")


def box(index: int, part: str) -> str:
    """The name of a box; it is the path under which the service says what is wrong in it."""
    return f"campaigns.{index}.{part}"


def boxes_of(begin: Iterable[Mapping[str, Any]], sent: Mapping[str, Any] | None) -> dict[str, Any]:
    """The fields by their names: as many sets as were sent, or those to begin with and more."""
    given = list(begin)
    if sent is None:
        count = len(given) + EMPTY_SETS
    else:
        count = 0
        while box(count, "name") in sent:
            count += 1
    return {
        box(index, part): forms.CharField(
            label=label,
            help_text=_HINTS[part],
            initial=_shown(part, given[index].get(part)) if index < len(given) else "",
            required=False,
            max_length=500,
        )
        for index in range(count)
        for part, label in PARTS.items()
    }


def _shown(part: str, value: Any) -> str:
    if part == "rate":
        return percent(value)
    if part in _LISTS:
        return ", ".join(str(one) for one in value)
    at = parse_datetime(value) if part in ("from", "until") and value else None
    if at is None:
        return str(value or "")
    return f"{localtime(at):%Y-%m-%d %H:%M:%S}".removesuffix(":00")


def campaigns(values: Mapping[str, str]) -> tuple[list[dict[str, Any]], list[int]]:
    """What the boxes say, for the service to judge, and which set each campaign stands in."""
    found, places, index = [], [], 0
    while any(box(index, part) in values for part in PARTS):
        texts = {part: values.get(box(index, part), "").strip() for part in PARTS}
        if any(texts.values()):
            found.append({part: _meant(part, text) for part, text in texts.items()})
            places.append(index)
        index += 1
    return found, places


def _meant(part: str, text: str) -> Any:
    """The value that a text stands for; where it stands for none, the text: the service says so."""
    if part == "rate":
        number = share(text)
        return text if number is None else number
    if part in _LISTS:
        words = text.replace(",", " ").split()
        return [int(w) if part == "tiers" and w.isdecimal() else w.upper() for w in words]
    if part == "until" and not text:
        return None
    if part in ("from", "until"):
        try:
            instant = forms.DateTimeField().to_python(text)
        except forms.ValidationError:
            return text
        return instant.isoformat() if instant else text
    return text
