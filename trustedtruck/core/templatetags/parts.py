"""What the partials of `templates/parts/` need beyond Django's own tags."""

from collections.abc import Iterator
from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.forms.boundfield import BoundField, BoundWidget
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = template.Library()

ICONS = {
    "ok": "check_circle",
    "warn": "warning",
    "stop": "cancel",
    "info": "info",
    "idle": "remove_circle",
}


@register.filter
def badge_icon(kind: str) -> str:
    """The icon of a kind of badge."""
    return ICONS.get(kind, ICONS["idle"])


@register.filter
def styled(field: BoundField) -> SafeString:
    """The field's control with the class that its kind needs."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        style = "usa-checkbox__input"
    elif isinstance(widget, forms.Textarea):
        style = "usa-textarea"
    elif isinstance(widget, forms.Select):
        style = "usa-select"
    else:
        style = "usa-input"
    return field.as_widget(attrs={"class": f"{style} {widget.attrs.get('class', '')}".strip()})


@register.filter
def styled_choice(choice: BoundWidget) -> SafeString:
    """One radio or checkbox of a group."""
    choice.data["attrs"]["class"] = f"usa-{choice.data['type']}__input"
    return choice.tag(wrap_label=False)


@register.filter
def page_numbers(page: Page[Any]) -> Iterator[str | int]:
    """The numbers to offer: the ends, the neighbours, and an ellipsis for the rest."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


@register.simple_block_tag(end_name="enddatatable")
def datatable(content: SafeString, caption: str, *, cards: bool = False) -> SafeString:
    """`parts/table.html` around the rows between the tags."""
    context = {"caption": caption, "content": content, "cards": cards}
    return render_to_string("parts/table.html", context)
