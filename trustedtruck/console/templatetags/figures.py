"""How figures are written: shares, their intervals, minutes, and the bars of charts."""

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

register = template.Library()
DASH = "—"


@register.filter
def share(value: float | None) -> str:
    """0.4567 as 45.7 %."""
    return DASH if value is None else f"{number_format(round(100 * value, 1), 1)} %"


@register.filter
def interval(value: tuple[float, float] | None) -> str:
    """Two shares as one interval."""
    return DASH if value is None else f"{share(value[0])} – {share(value[1])}"


@register.filter
def amount(value: float | None) -> str:
    """A number with one decimal."""
    return DASH if value is None else number_format(round(value, 1), 1, force_grouping=True)


@register.filter
def odds(value: float) -> str:
    """A small probability as people say it: 0.0004 as “1 in 2,500”, 0.25 as 25.0 %."""
    if value >= 0.1:
        return share(value)
    if value < 1e-9:
        return _("less than 1 in 1,000,000,000")
    return _("1 in %(n)s") % {"n": number_format(round(1 / value), 0, force_grouping=True)}
