"""The application: its progress, its categories, its evidence, its submission."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from trustedtruck.carriers.criteria import criteria_of
from trustedtruck.carriers.models import Evidence, InformationRequest
from trustedtruck.carriers.permissions import check_user_can_manage_company
from trustedtruck.carriers.services import enrolment, evidence, section
from trustedtruck.carriers.services.stale import Stale
from trustedtruck.carriers.services.stored import as_download
from trustedtruck.core.errors import DomainError, Invalid
from trustedtruck.pages.outcome import carried_out, tried
from trustedtruck.portal.access import Member, member_page
from trustedtruck.portal.forms.section import SectionForm
from trustedtruck.portal.forms.standing import InformationForm
from trustedtruck.portal.pages.common import show
from trustedtruck.portal.queries import application as queries


@require_safe
@member_page()
def overview(request: HttpRequest, member: Member) -> HttpResponse:
    return _overview(request, member, InformationForm())


def _overview(request: HttpRequest, member: Member, form: InformationForm) -> HttpResponse:
    application = queries.latest(member.carrier)
    return show(
        request,
        member,
        "application.html",
        application=application,
        progress=queries.progress_of(member.carrier),
        missing=queries.missing(application),
        asked=queries.open_request(application),
        requests=queries.requests(application),
        can_reopen=queries.can_reopen(member.carrier, application),
        form=form,
    )


@member_page(writes=check_user_can_manage_company)
def category(request: HttpRequest, member: Member, number: int) -> HttpResponse:
    """One category: its criteria with answers and files, all in one form."""
    application = queries.latest(member.carrier)
    if application is None:
        raise Http404
    found = next((c for c in criteria_of(application).categories if c.number == number), None)
    if found is None:
        raise Http404
    form = SectionForm(
        request.POST or None,
        request.FILES or None,
        category=found,
        answers=queries.answers(application),
    )
    stale = False
    if request.method == "POST" and form.is_valid():
        try:
            section.save_section(
                application=application,
                answers=form.given(),
                files=form.given_files(),
                by=member.actor,
                at=timezone.now(),
            )
        except Stale as error:
            stale = True
            form.refuse(error)
            form.accept_newer(queries.answers(application))
        except DomainError as error:
            form.refuse(error)
            form.accept_newer(queries.answers(application))
        else:
            messages.success(request, _("Saved."))
            following = "portal:category" if number < 12 and "next" in request.POST else ""
            if following:
                return redirect(following, number=number + 1)
            return redirect("portal:category", number=number)
    return show(
        request,
        member,
        "category.html",
        application=application,
        category=found,
        form=form,
        entries=form.entries(queries.evidence(application), stale=stale),
        editable=queries.is_with_carrier(application) and member.can["manage_company"],
        progress=queries.progress_of(member.carrier),
    )


@require_safe
@member_page()
def download(request: HttpRequest, member: Member, public_id: uuid.UUID) -> HttpResponseBase:
    """A file of evidence."""
    found = Evidence.objects.filter(
        application__carrier=member.carrier, public_id=public_id
    ).first()
    if found is None:
        raise Http404
    return as_download(evidence.path_of(found), name=found.name, media_type=found.media_type)


@require_POST
@member_page(needs=check_user_can_manage_company)
def remove_evidence(request: HttpRequest, member: Member, public_id: uuid.UUID) -> HttpResponse:
    found = Evidence.objects.filter(
        application__carrier=member.carrier, public_id=public_id
    ).first()
    if found is None:
        raise Http404
    number = found.criterion.partition("-")[2].partition(".")[0]
    tried(
        request,
        lambda: evidence.remove_evidence(evidence=found, by=member.actor, at=timezone.now()),
        _("The file is removed."),
    )
    return redirect("portal:category", number=int(number))


@require_POST
@member_page(needs=check_user_can_manage_company)
def submit(request: HttpRequest, member: Member) -> HttpResponse:
    application = queries.latest(member.carrier)
    if application is None:
        raise Http404
    try:
        enrolment.submit(application=application, by=member.actor, at=timezone.now())
        messages.success(request, _("Your application is with the officers now."))
    except Invalid as error:
        messages.error(
            request,
            ngettext(
                "%(count)s point is still missing; it is listed below.",
                "%(count)s points are still missing; they are listed below.",
                len(error.errors),
            )
            % {"count": len(error.errors)},
        )
    except DomainError as error:
        messages.error(request, str(error.text))
    return redirect("portal:application")


@require_POST
@member_page(needs=check_user_can_manage_company)
def reopen(request: HttpRequest, member: Member) -> HttpResponse:
    """Open another application after a rejection or a lapse."""
    tried(
        request,
        lambda: enrolment.open_application(
            carrier=member.carrier, by=member.actor, at=timezone.now()
        ),
    )
    return redirect("portal:application")


@require_POST
@member_page(needs=check_user_can_manage_company)
def inform(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """Answer what an officer asked."""
    asked = (
        InformationRequest.objects.select_related("application__carrier")
        .filter(application__carrier=member.carrier, pk=pk, answered_at__isnull=True)
        .first()
    )
    if asked is None:
        raise Http404
    form = InformationForm(request.POST)
    done = carried_out(
        request,
        form,
        lambda: enrolment.answer_information(
            request=asked,
            text=form.cleaned_data["answer"],
            by=member.actor,
            at=timezone.now(),
        ),
        _("Your answer is with the officers now."),
    )
    if done is not None:
        return redirect("portal:application")
    return _overview(request, member, form)
