"""What an officer was told, and whether it also comes by e-mail."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from trustedtruck.accounts import notify
from trustedtruck.accounts.models import OfficerNotice, User
from trustedtruck.console.access import officer_page
from trustedtruck.console.pages.base import show
from trustedtruck.pages.forms import ServiceForm
from trustedtruck.pages.lists import page_of

PER_PAGE = 25


class SeenForm(ServiceForm):
    """`up_to` is the newest notice of the list that was looked at."""

    up_to = forms.IntegerField(min_value=0)


class MailForm(ServiceForm):
    notices_by_mail = forms.ChoiceField(
        label=gettext_lazy("By e-mail I also get"),
        choices=User.Mail.choices,
        widget=forms.RadioSelect,
    )


@require_safe
@officer_page(None)
def notices(request: HttpRequest, officer: User) -> HttpResponse:
    """The newest first; those not read yet are marked until the officer says so."""
    return _notices(
        request, officer, MailForm(initial={"notices_by_mail": officer.notices_by_mail})
    )


def _notices(request: HttpRequest, officer: User, form: MailForm) -> HttpResponse:
    rows = OfficerNotice.objects.filter(officer=officer).order_by("-pk")
    newest = rows.values_list("pk", flat=True).first()
    page = page_of(request, rows, PER_PAGE)
    context = {"page": page, "newest": newest or 0, "form": form}
    return show(request, officer, "console/notices.html", context)


@require_POST
@officer_page(None)
def seen(request: HttpRequest, officer: User) -> HttpResponse:
    form = SeenForm(request.POST)
    if form.is_valid():
        notify.mark_read(officer=officer, at=timezone.now(), up_to=form.cleaned_data["up_to"])
    return redirect("console:notices")


@require_POST
@officer_page(None)
def mail(request: HttpRequest, officer: User) -> HttpResponse:
    form = MailForm(request.POST)
    if not form.is_valid():
        return _notices(request, officer, form)
    notify.choose_mail(officer=officer, choice=form.cleaned_data["notices_by_mail"])
    messages.success(request, _("Your choice is kept."))
    return redirect("console:notices")
