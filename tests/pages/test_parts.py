"""The partials draw what their comments promise."""

from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory


class TruckForm(forms.Form):
    vin = forms.CharField(label="VIN", help_text="17 characters", max_length=17)
    note = forms.CharField(required=False, widget=forms.Textarea)
    kind = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="Agreed")
    hidden = forms.CharField(widget=forms.HiddenInput, required=False)


def field(form: forms.Form, name: str, **context: Any) -> str:
    return render_to_string("parts/field.html", {"field": form[name], **context})


def test_a_field_carries_label_hint_and_style() -> None:
    drawn = field(TruckForm(), "vin")
    assert '<label class="usa-label" for="id_vin">VIN</label>' in drawn
    assert 'class="usa-input"' in drawn
    assert 'aria-describedby="id_vin_helptext"' in drawn
    assert 'id="id_vin_helptext"' in drawn


def test_an_error_stands_beside_its_field_and_is_tied_to_it() -> None:
    drawn = field(TruckForm({"vin": "x" * 18}), "vin")
    assert 'aria-invalid="true"' in drawn
    assert 'aria-describedby="id_vin_helptext id_vin_error"' in drawn
    assert 'id="id_vin_error"' in drawn
    assert 'value="xxxxxxxxxxxxxxxxxx"' in drawn


def test_fields_of_other_kinds() -> None:
    form = TruckForm()
    assert "(optional)" in field(form, "note")
    assert "usa-textarea" in field(form, "note")
    assert "<fieldset" in field(form, "kind")
    assert "usa-radio__input" in field(form, "kind")
    assert "usa-checkbox__input" in field(form, "agreed")
    assert field(form, "hidden").strip() == '<input type="hidden" name="hidden" id="id_hidden">'
    assert "Odd." in field(form, "vin", warnings=["Odd."])


def test_the_errors_of_a_form_link_to_their_fields() -> None:
    form = TruckForm({"vin": "x" * 18, "kind": "a", "agreed": "on"})
    drawn = render_to_string("parts/form_errors.html", {"form": form})
    assert 'role="alert"' in drawn
    assert 'href="#field-vin"' in drawn
    assert render_to_string("parts/form_errors.html", {"form": TruckForm()}).strip() == ""


@pytest.mark.parametrize(
    ("kind", "icon"), [("ok", "check_circle"), ("stop", "cancel"), ("", "remove_circle")]
)
def test_a_badge_is_an_icon_and_a_word(kind: str, icon: str) -> None:
    drawn = render_to_string("parts/badge.html", {"kind": kind, "text": "Certified"})
    assert f"tt-badge--{kind or 'idle'}" in drawn
    assert f"icons.svg#{icon}" in drawn
    assert "Certified" in drawn


def test_a_table_has_its_caption_and_escapes_it() -> None:
    template = Template("{% load parts %}{% datatable caption %}<tbody></tbody>{% enddatatable %}")
    drawn = template.render(Context({"caption": "Trucks & trailers"}))
    assert "<caption>Trucks &amp; trailers</caption>" in drawn
    assert "<tbody></tbody>" in drawn


def test_pages_keep_the_rest_of_the_address() -> None:
    page = Paginator(range(100), 10).page(5)
    request = RequestFactory().get("/?q=a&page=5")
    drawn = render_to_string("parts/pagination.html", {"page": page}, request)
    assert "41–50 of 100 entries" in drawn
    assert 'href="?q=a&amp;page=6"' in drawn
    assert 'aria-current="page"' in drawn
    single = Paginator(range(3), 10).page(1)
    assert render_to_string("parts/pagination.html", {"page": single}, request).strip() == ""


def test_facts_progress_and_empty_lists() -> None:
    facts = render_to_string(
        "parts/facts.html", {"facts": [("Tier", 3), ("SCAC", ""), ("Zero", 0)]}
    )
    assert "<dt>Tier</dt><dd>3</dd>" in facts
    assert "not given" in facts
    assert "<dt>Zero</dt><dd>0</dd>" in facts
    progress = render_to_string("parts/progress.html", {"label": "Done", "value": 12, "max": 1400})
    assert '<progress value="12" max="1400" aria-label="Done">' in progress
    empty = render_to_string(
        "parts/empty.html", {"title": "No trucks", "href": "/add/", "action": "Add a truck"}
    )
    assert '<a class="usa-button" href="/add/">Add a truck</a>' in empty
