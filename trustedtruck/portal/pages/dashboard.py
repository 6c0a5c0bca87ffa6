"""The portal's first page, and the notices."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from trustedtruck.carriers.models import Notice
from trustedtruck.carriers.services import members
from trustedtruck.enrolment.services import credentials
from trustedtruck.pages.lists import page_of
from trustedtruck.portal.access import Member, member_page
from trustedtruck.portal.forms.company import PreferencesForm
from trustedtruck.portal.pages.common import show
from trustedtruck.portal.queries import application, overview


@require_safe
@member_page()
def home(request: HttpRequest, member: Member) -> HttpResponse:
    """What needs attention, what is in the fleet, what happened."""
    return show(
        request,
        member,
        "dashboard.html",
        application=application.latest(member.carrier),
        progress=application.progress_of(member.carrier),
        counts=overview.counts(member.carrier),
        ending=overview.ending(member.carrier, timezone.now().date()),
        notices=Notice.objects.filter(carrier=member.carrier).order_by("-at")[:5],
        figures=overview.figures(member.carrier),
        waiting=(
            credentials.count_waiting(member.carrier)
            if member.can["handle_credentials"] and member.carrier.state == "certified"
            else 0
        ),
    )


@require_safe
@member_page()
def notices(request: HttpRequest, member: Member) -> HttpResponse:
    rows = Notice.objects.filter(carrier=member.carrier).order_by("-at")
    form = PreferencesForm(initial={"topics": member.membership.mail_topics})
    return show(request, member, "notices.html", page=page_of(request, rows), form=form)


@require_POST
@member_page()
def read(request: HttpRequest, member: Member) -> HttpResponse:
    members.mark_notices_read(member=member.membership, at=timezone.now())
    return redirect("portal:notices")


@require_POST
@member_page()
def preferences(request: HttpRequest, member: Member) -> HttpResponse:
    form = PreferencesForm(request.POST)
    if form.is_valid():
        members.choose_mail(
            member=member.membership,
            topics=form.cleaned_data["topics"],
            by=member.actor,
            at=timezone.now(),
        )
        messages.success(request, _("Saved."))
    return redirect("portal:notices")
