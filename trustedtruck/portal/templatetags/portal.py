"""Small words of the portal's templates."""

from datetime import date, timedelta

from django import template

from trustedtruck.carriers import notices
from trustedtruck.carriers.models import Notice

register = template.Library()


@register.filter
def nearness(ends: date, today: date) -> str:
    """`over`, `soon` (30 days), or empty."""
    if ends <= today:
        return "over"
    return "soon" if ends <= today + timedelta(days=30) else ""


@register.filter
def notice_title(notice: Notice) -> str:
    return notices.title(notice.code)


@register.filter
def notice_body(notice: Notice) -> str:
    return notices.body(notice.code, notice.data)
