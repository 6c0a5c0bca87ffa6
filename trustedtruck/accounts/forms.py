"""What a person gives at sign-up besides address and password."""

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.models import User


class SignupForm(forms.Form):
    """Fields that allauth adds to its own; it saves `first_name` and `last_name` by itself."""

    first_name = forms.CharField(
        label=_("Given names"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Family names"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )

    field_order = ("first_name", "last_name")

    def signup(self, request: HttpRequest, user: User) -> None:
        """Nothing beyond what allauth saved."""
