"""Small words of the portal's templates."""

from collections.abc import Iterable
from datetime import date, timedelta

from django import template

from trustedtruck.accounts.models import MachineKey
from trustedtruck.carriers import notices
from trustedtruck.carriers.models import Notice
from trustedtruck.carriers.topics import Topic
from trustedtruck.portal.forms.standing import SCOPES

register = template.Library()


@register.filter
def nearness(ends: date, today: date) -> str:
    """`over`, `soon` (30 days), or empty."""
    if ends <= today:
        return "over"
    return "soon" if ends <= today + timedelta(days=30) else ""


@register.filter
def scope_words(key: MachineKey) -> list[str]:
    """What a key may do, in words."""
    return [str(SCOPES.get(scope, scope)) for scope in key.scopes]


@register.filter
def topic_words(topics: Iterable[str]) -> list[str]:
    """What a webhook listens to, in words."""
    return [str(Topic(topic).label) for topic in topics]


@register.filter
def notice_title(notice: Notice) -> str:
    return notices.title(notice.code, notice.data)


@register.filter
def notice_body(notice: Notice) -> str:
    return notices.body(notice.code, notice.data)
