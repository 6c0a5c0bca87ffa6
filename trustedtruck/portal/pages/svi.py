"""Status verification (SVI): a certified member looks up another by the other's number."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from trustedtruck.carriers.models import Profile
from trustedtruck.carriers.permissions import check_user_can_manage_company
from trustedtruck.carriers.services import svi
from trustedtruck.core.errors import DomainError
from trustedtruck.pages.outcome import tried
from trustedtruck.portal.access import Member, member_page
from trustedtruck.portal.forms.company import ConsentForm, LookUpForm
from trustedtruck.portal.pages.common import show


@member_page()
def look_up(request: HttpRequest, member: Member) -> HttpResponse:
    """One answer for everything that is not shown: “Partner ID not found”."""
    profile = Profile.objects.filter(carrier=member.carrier).first()
    form = LookUpForm(request.POST or None)
    found, status = None, None  # a number that nobody shows is an answer, not wrong input
    if request.method == "POST" and form.is_valid():
        try:
            found = svi.look_up(
                number=form.cleaned_data["number"],
                carrier=member.carrier,
                by=member.actor,
                at=timezone.now(),
            )
        except DomainError as error:
            form.refuse(error)
            status = 429 if isinstance(error, svi.TooMany) else 200
    return show(
        request,
        member,
        "svi.html",
        status=status,
        form=form,
        found=found,
        profile=profile,
        consent_form=ConsentForm(initial={"consent": profile.svi_consent if profile else False}),
    )


@require_POST
@member_page(needs=check_user_can_manage_company)
def consent(request: HttpRequest, member: Member) -> HttpResponse:
    form = ConsentForm(request.POST)
    if form.is_valid():
        tried(
            request,
            lambda: svi.choose_consent(
                carrier=member.carrier,
                consent=form.cleaned_data["consent"],
                by=member.actor,
                at=timezone.now(),
            ),
            _("Saved."),
        )
    return redirect("portal:svi")
