"""The ports of the installation: which there are, and one more."""

from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from django_countries import countries

from lanes.models import Lane, Port
from lanes.services.ports import open_port
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.console.access import officer_page
from trustedtruck.console.pages.base import show
from trustedtruck.pages.forms import ServiceForm
from trustedtruck.pages.outcome import carried_out


class PortForm(ServiceForm):
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=4,
        help_text=gettext_lazy("Four digits of Schedule D, such as 2304."),
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=())
    timezone = forms.CharField(
        label=gettext_lazy("Time zone"),
        max_length=64,
        help_text=gettext_lazy("Such as America/Chicago."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["country"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(country.code, country.name) for country in countries]


@require_safe
@officer_page(Permission.PORT_WRITE)
def ports(request: HttpRequest, officer: User) -> HttpResponse:
    """Every port, with its lanes; an officer works only at those of the own account."""
    rows = Port.objects.order_by("code").annotate(
        fast=Count("lanes", filter=Q(lanes__route="fast")),
        inspection=Count("lanes", filter=Q(lanes__route="inspection")),
        open=Count("lanes", filter=Q(lanes__state=Lane.State.OPEN)),
    )
    return show(request, officer, "console/ports.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@officer_page(Permission.PORT_WRITE)
def add(request: HttpRequest, officer: User) -> HttpResponse:
    """Without lanes and without a policy at first: every truck is inspected there."""
    form = PortForm(request.POST or None)
    made = carried_out(
        request,
        form,
        lambda: open_port(lanes=(), by=officer.actor, **form.cleaned_data),
        _("The port is taken in. Add its lanes, and give officers the port."),
    )
    if made is not None:
        return redirect("console:ports")
    return show(request, officer, "console/port_add.html", {"form": form})
