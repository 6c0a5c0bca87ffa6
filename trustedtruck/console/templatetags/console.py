"""How the console writes numbers and kinds."""

from django import template
from django.utils.translation import gettext as _

from lanes import reasons

register = template.Library()
BADGES = {
    "fast": "ok",
    "inspection": "warn",
    "open": "ok",
    "closed": "idle",
    "active": "ok",
    "suspended": "stop",
    "revoked": "stop",
    "expired": "idle",
    "superseded": "idle",
    "certified": "ok",
    "removed": "stop",
    "filed": "ok",
    "arrived": "info",
    "cancelled": "stop",
    "referred": "info",
    "ordered": "warn",
    "at_station": "info",
    "held": "stop",
    "released": "ok",
    "seized": "stop",
    "returned": "stop",
    "compliant": "ok",
    "finding": "stop",
    "clear": "ok",
    "refer": "warn",
    "hold": "stop",
    "submitted": "warn",
    "approved": "ok",
    "agreed": "ok",
    "disagreed": "stop",
    "release": "ok",
    "seize": "stop",
}


@register.filter
def badge(value: str) -> str:
    """The kind of badge that a state is drawn with."""
    return BADGES.get(value, "idle")


@register.filter
def wait(seconds: float) -> str:
    """An expected wait as people say it: below two minutes in seconds, else in minutes."""
    if seconds < 120:
        return _("%(n)d s") % {"n": round(seconds)}
    return _("%(n)d min") % {"n": round(seconds / 60)}


@register.filter
def reasons_in_short(codes: list[str]) -> str:
    """The first reason in the reader's language, and how many more there are."""
    first, *more = codes
    return str(reasons.reason_text(first)) + (f" +{len(more)}" if more else "")


@register.filter
def override_text(reason: str) -> str:
    """An officer's own words, or the system's in the reader's language."""
    return reasons.override_text(reason)
