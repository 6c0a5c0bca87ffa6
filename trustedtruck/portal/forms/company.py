"""Forms of the company, its people and its look-up of partners."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from trustedtruck.carriers.models import Carrier
from trustedtruck.carriers.models.members import MemberRole
from trustedtruck.carriers.topics import Topic
from trustedtruck.identifiers import caat, rfc, scac, tax_id, usdot
from trustedtruck.pages.forms import (
    ServiceForm,
    country,
    identifier,
    raise_findings,
    text,
    warnings_of,
)


class IdentityForm(ServiceForm):
    """Who the company is."""

    legal_name = text(_("Legal name"))
    country = country(_("Country of the company"))
    scac = identifier(_("SCAC"), scac.check, limit=10, help_text=_("Four letters, such as NRTE."))
    usdot = identifier(
        _("USDOT number"),
        usdot.check,
        required=False,
        limit=12,
        help_text=_("One to eight digits."),
    )
    rfc = identifier(
        _("RFC"),
        rfc.check,
        required=False,
        limit=20,
        help_text=_("12 characters for a company, 13 for a person."),
    )
    caat = identifier(
        _("CAAT"), caat.check, required=False, limit=10, help_text=_("Four letters or digits.")
    )

    def identity(self) -> dict[str, Any]:
        """What the services of a company's beginning and of its correction take."""
        data = self.cleaned_data
        return {
            "legal_name": data["legal_name"],
            "country": data["country"],
            "identifiers": {k: data[k] for k in ("scac", "usdot", "rfc", "caat")},
        }

    def warnings(self) -> list[str]:
        """What is odd about the RFC, and yet not refused."""
        given = self.cleaned_data["rfc"]
        return [f"RFC: {warning}" for warning in warnings_of(rfc.check(given))] if given else []


class CorrectForm(IdentityForm):
    """`seen` names the state of the company that the form was drawn from."""

    seen = forms.CharField(max_length=16, required=False, widget=forms.HiddenInput)


class BeginForm(IdentityForm):
    """The first form; the kind is chosen once, because the criteria hang on it."""

    kind = forms.ChoiceField(
        label=_("Kind of carrier"),
        choices=Carrier.Kind,
        widget=forms.RadioSelect,
        help_text=_("It decides which set of security criteria you answer."),
    )
    field_order = ("legal_name", "country", "kind")


class ProfileForm(ServiceForm):
    version = forms.IntegerField(widget=forms.HiddenInput)
    trade_name = text(_("Trade name"), required=False)
    tax_country = country(_("Country of the tax number"))
    tax_id = text(
        _("Tax number"),
        limit=20,
        help_text=_("EIN in the United States, RFC in Mexico, BN in Canada."),
    )
    street = text(_("Street and number"))
    city = text(_("City"), limit=100)
    region = text(_("State or province"), limit=100)
    postal_code = text(_("Postal code"), limit=12)
    address_country = country(_("Country"))
    phone = text(_("Telephone"), limit=32)
    contact_name = text(_("Contact for security"), limit=120)
    contact_email = forms.EmailField(label=_("E-mail of the contact"), max_length=200)
    contact_phone = text(_("Telephone of the contact"), limit=32)
    emergency_phone = text(
        _("Telephone at any hour"), limit=32, help_text=_("Answered by night as well.")
    )

    def clean_tax_id(self) -> str:
        """The rule hangs on the country, which stands before it."""
        number = str(self.cleaned_data["tax_id"])
        if of := self.cleaned_data.get("tax_country"):
            raise_findings(tax_id.check(number, of))
        return number


class InviteForm(ServiceForm):
    email = forms.EmailField(label=_("E-mail address"), max_length=200)
    role = forms.ChoiceField(
        label=_("Role"), choices=MemberRole, widget=forms.RadioSelect, initial=MemberRole.VIEWER
    )


class RoleForm(ServiceForm):
    role = forms.ChoiceField(label=_("Role"), choices=MemberRole)


class PreferencesForm(ServiceForm):
    topics = forms.MultipleChoiceField(
        label=_("Send me an e-mail about"),
        choices=Topic,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class ConsentForm(ServiceForm):
    consent = forms.BooleanField(
        label=_("Other certified members may look up our status by our SVI number"),
        required=False,
    )


class LookUpForm(ServiceForm):
    number = text(
        _("SVI number of the partner"), limit=64, help_text=_("Your partner tells you its number.")
    )

    def clean_number(self) -> str:
        value: Any = self.cleaned_data["number"]
        return str(value).strip()
