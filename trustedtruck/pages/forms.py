"""What all forms share: a service's refusal lands beside the field it is about."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from trustedtruck.core.errors import DomainError
from trustedtruck.identifiers.checked import Checked

T = TypeVar("T")
# Which field a broken unique constraint is about.
FIELD_OF = {
    "truck_vin_in_use_once": "vin",
    "truck_tag_in_use_once": "tag_epc",
    "truck_plate_in_use_once": "plate_number",
    "truck_number_unique_in_carrier": "number",
    "trailer_plate_in_use_once": "plate_number",
    "trailer_number_unique_in_carrier": "number",
    "driver_fast_card_in_use_once": "fast_card",
    "carriers_carrier_scac_key": "scac",
    "carriers_carrier_usdot_key": "usdot",
    "carriers_carrier_rfc_key": "rfc",
    "carriers_carrier_caat_key": "caat",
    "profile_tax_id_used_once": "tax_id",
    "insurance_policy_once": "policy_number",
    "webhook_address_once_per_carrier": "url",
}
_IN_USE = _("This is in use already. If it is yours, ask the programme’s office.")


class ServiceForm(forms.Form):
    """A form whose values go to one service."""

    def refuse(self, error: DomainError) -> None:
        """Show a service's refusal: each error beside its field, the rest above the form."""
        placed = False
        for wrong in error.errors:
            name = wrong.field.rpartition(".")[2] if wrong.field[:1].isdigit() else wrong.field
            self.add_error(name if name in self.fields else None, str(wrong.text))
            placed = True
        constraint = str(error.extra.get("constraint", ""))
        field = FIELD_OF.get(constraint, "")
        if field in self.fields:
            self.add_error(field, str(_IN_USE))
        elif not placed:
            self.add_error(None, str(error.text))

    def overwrite(self, name: str, value: object) -> None:
        """Show another value than the one that was sent, such as the version that is saved now."""
        data = self.data.copy()  # type: ignore[attr-defined]
        data[name] = str(value)
        self.data = data

    def attempt(self, service: Callable[[], T]) -> T | None:
        """The service's answer, or None with its refusal shown in this form."""
        try:
            return service()
        except DomainError as error:
            self.refuse(error)
            return None


# The row of a list whose form was refused, with that form.
RefusedRow = tuple[int, ServiceForm]


def form_of_row(pk: int, fresh: ServiceForm, wrong: RefusedRow | None) -> ServiceForm:
    """The form beside one row of a list: `fresh`, or the refused one where it is this row's."""
    return wrong[1] if wrong and wrong[0] == pk else fresh


def text(label: Any, *, required: bool = True, limit: int = 200, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=limit, **options)


class Identifier(forms.CharField):
    """A number of the trade, judged as one types it, so that one sending shows all that is wrong.

    `check` is the one that the service asks as well. The value stays as it was typed.
    """

    def __init__(self, *, check: Callable[[str], Checked], **options: Any) -> None:
        self.check = check
        super().__init__(**options)

    def validate(self, value: str) -> None:
        super().validate(value)
        if value:
            raise_findings(self.check(value))


def raise_findings(checked: Checked) -> None:
    if checked.errors:
        raise forms.ValidationError([gettext(e.text) % dict(e.params) for e in checked.errors])


def identifier(
    label: Any, check: Callable[[str], Checked], *, limit: int, **options: Any
) -> Identifier:
    return Identifier(check=check, label=label, max_length=limit, **options)


def long_text(
    label: Any, *, required: bool = True, rows: int = 4, **options: Any
) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": rows}),
        **options,
    )


def day(label: Any, *, required: bool = True, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        **options,
    )


def country(label: Any, **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=lambda: [("", "—"), *countries], **options)


def warnings_of(checked: Checked) -> list[str]:
    return [gettext(w.text) % dict(w.params) for w in checked.warnings]
