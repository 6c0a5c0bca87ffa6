"""Forms of the fleet: trucks, trailers, drivers, their papers, insurance, imports."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from trustedtruck.carriers.models import Document
from trustedtruck.credentials.states import Reason
from trustedtruck.identifiers import epc, fast_card, jurisdiction, plate, vin
from trustedtruck.pages.forms import ServiceForm, country, day, identifier, text

_NEW_TAG = _("24 hexadecimal digits, as printed on the tag.")
_TAG = _("24 hexadecimal digits, as printed on the tag. You can add it later.")


class TruckForm(ServiceForm):
    number = text(_("Unit number"), limit=17)
    vin = identifier(_("VIN"), vin.check, limit=25, help_text=_("17 letters and digits."))
    plate_number = identifier(_("Plate"), plate.check, limit=16)
    plate_jurisdiction = identifier(
        _("State of the plate"),
        jurisdiction.check,
        limit=4,
        help_text=_("Such as TX, NLE or ON."),
    )
    tag_epc = identifier(
        _("Windscreen tag (EPC)"), epc.check, required=False, limit=40, help_text=_TAG
    )


class TruckChangeForm(TruckForm):
    vin = None  # type: ignore[assignment]


class TrailerForm(ServiceForm):
    number = text(_("Unit number"), limit=17)
    plate_number = identifier(_("Plate"), plate.check, limit=16)
    plate_jurisdiction = identifier(
        _("State of the plate"),
        jurisdiction.check,
        limit=4,
        help_text=_("Such as TX, NLE or ON."),
    )


class DriverChangeForm(ServiceForm):
    citizenship = country(_("Citizenship"))
    fast_card = identifier(
        _("FAST card"),
        fast_card.check,
        required=False,
        limit=20,
        help_text=_("14 characters."),
    )
    fast_card_expires_date = day(_("The FAST card ends on"), required=False)


class DriverForm(DriverChangeForm):
    given_names = text(_("Given names"), limit=30)
    family_names = text(_("Family names"), limit=30)
    birth_date = day(_("Birth date"))

    field_order = ("given_names", "family_names", "birth_date", "citizenship")


class DocumentForm(ServiceForm):
    def __init__(self, *args: Any, kinds: tuple[Document.Kind, ...], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [(kind.value, kind.label) for kind in kinds]

    kind = forms.ChoiceField(label=_("Document"))
    number = text(_("Number"), limit=40)
    expires_date = day(_("Ends on"))
    file = forms.FileField(
        label=_("Picture or PDF of the document"),
        required=False,
        allow_empty_file=True,
        help_text=_("PDF, PNG or JPEG, 10 MB at most."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
    )

    def entered(self) -> dict[str, Any]:
        """What the service takes: the file as its name and content."""
        data = dict(self.cleaned_data)
        upload = data.pop("file")
        return data | {"file": (upload.name, upload.read()) if upload else None}


class InsuranceForm(ServiceForm):
    insurer = text(_("Insurer"), limit=120)
    policy_number = text(_("Number of the policy"), limit=40)
    liability_usd = forms.IntegerField(
        label=_("Liability covered, in US dollars"),
        min_value=1,
        max_value=2_000_000_000,
        help_text=_("The law asks for 750,000 at least."),
    )
    starts_date = day(_("Begins on"))
    expires_date = day(_("Ends on"))


class ImportForm(ServiceForm):
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or XLSX, 10,000 rows and 5 MB at most."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,text/csv"}),
        allow_empty_file=True,
    )


class TagForm(ServiceForm):
    reason = forms.ChoiceField(
        label=_("What happened to the old tag?"),
        choices=[(r.value, r.label) for r in (Reason.LOST, Reason.STOLEN, Reason.DAMAGED)],
        widget=forms.RadioSelect,
    )
    tag_epc = identifier(_("New windscreen tag (EPC)"), epc.check, limit=40, help_text=_NEW_TAG)
