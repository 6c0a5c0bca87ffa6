"""Forms of the application's way, of plans, appeals, keys and webhooks."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.roles import Scope
from trustedtruck.carriers.topics import Topic
from trustedtruck.pages.forms import ServiceForm, day, long_text, text

STEPS = 5
# What a carrier's key may do, in the carrier's words.
SCOPES = {
    Scope.MANIFESTS_WRITE.value: Scope.MANIFESTS_WRITE.label,
    Scope.CROSSINGS_READ.value: _("read your crossings with their decisions and reasons"),
    Scope.CREDENTIALS_READ.value: _("fetch your own credentials: cards and QR codes"),
}


class InformationForm(ServiceForm):
    answer = long_text(_("Your answer"))


class PlanForm(ServiceForm):
    """A plan with up to five steps, each with its date."""

    cause = long_text(_("What was the cause?"))
    action_1 = text(_("Step 1"), required=False, limit=500)
    due_1 = day(_("Done by (step 1)"), required=False)
    action_2 = text(_("Step 2"), required=False, limit=500)
    due_2 = day(_("Done by (step 2)"), required=False)
    action_3 = text(_("Step 3"), required=False, limit=500)
    due_3 = day(_("Done by (step 3)"), required=False)
    action_4 = text(_("Step 4"), required=False, limit=500)
    due_4 = day(_("Done by (step 4)"), required=False)
    action_5 = text(_("Step 5"), required=False, limit=500)
    due_5 = day(_("Done by (step 5)"), required=False)
    consents_to_visits = forms.BooleanField(
        label=_("We consent to unannounced visits while the plan runs"), required=False
    )

    def steps(self) -> list[tuple[str, date | None]]:
        data = self.cleaned_data
        return [(data[f"action_{n}"], data[f"due_{n}"]) for n in range(1, STEPS + 1)]


class AppealForm(ServiceForm):
    text = long_text(_("Why should another officer decide differently?"))


class KeyForm(ServiceForm):
    scopes = forms.MultipleChoiceField(
        label=_("What the key may do"),
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    expires_date = day(
        _("Ends on"), required=False, help_text=_("Without a date it lasts until you revoke it.")
    )


class WebhookForm(ServiceForm):
    url = text(_("Web address"), limit=300, help_text=_("It must begin with https://."))
    topics = forms.MultipleChoiceField(
        label=_("What is sent"),
        choices=Topic,
        widget=forms.CheckboxSelectMultiple,
    )
