"""The first steps: a company begins, or a person joins one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from trustedtruck.accounts.models import User
from trustedtruck.carriers.services import enrolment, members
from trustedtruck.core.errors import DomainError, NotFound
from trustedtruck.core.page_status import status_of
from trustedtruck.pages.outcome import carried_out
from trustedtruck.portal.access import member_of
from trustedtruck.portal.forms.company import BeginForm


@login_required
def begin(request: HttpRequest) -> HttpResponse:
    """Register a company and open its application."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - login_required lets no other through
    if member_of(user) is not None:
        return redirect("portal:home")
    form = BeginForm(request.POST or None)
    made = carried_out(
        request,
        form,
        lambda: enrolment.begin_enrolment(
            user=user,
            kind=form.cleaned_data["kind"],
            by=user.actor,
            at=timezone.now(),
            **form.identity(),
        ),
        _("Your application is open."),
    )
    if made is not None:
        for warning in form.warnings():
            messages.warning(request, warning)
        return redirect("portal:home")
    context = {"form": form, "officer": user.is_officer}
    return render(request, "portal/begin.html", context, status=status_of(context))


@login_required
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation, and accept it."""
    user, at = request.user, timezone.now()
    assert isinstance(user, User)  # noqa: S101 - login_required lets no other through
    try:
        if request.method == "POST":
            members.accept_invitation(token=token, user=user, at=at)
            return redirect("portal:home")
        found = members.open_invitation(token, at=at)
    except NotFound as error:
        return render(request, "portal/invitation.html", {"refusal": error.text}, status=404)
    except DomainError as error:
        return render(request, "portal/invitation.html", {"refusal": error.text}, status=409)
    return render(request, "portal/invitation.html", {"invitation": found})
