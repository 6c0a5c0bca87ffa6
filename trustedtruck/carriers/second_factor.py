"""Who must have a second factor: every officer, and every administrator of a carrier."""

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from trustedtruck.accounts.models import User
from trustedtruck.carriers.models import Membership
from trustedtruck.carriers.models.members import MemberRole

# Where one sets the second factor up, signs out, or needs no person at all.
_OPEN = ("/accounts/", "/i18n/", "/static/", "/api/", "/.well-known/")
_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def needs_second_factor(user: User) -> bool:
    """Officers, administrators of the product, and administrators of a carrier."""
    if user.is_officer or user.is_staff:
        return True
    return Membership.objects.filter(user=user, role=MemberRole.ADMINISTRATOR).exists()


def has_second_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=_FACTORS).exists())


class RequireSecondFactor:
    """Sends a person who must have a second factor and has none to the page that sets one up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.DEMO_WITHOUT_MFA or request.path.startswith(_OPEN) or request.path == "/":
            return self.get_response(request)
        user = request.user
        if isinstance(user, User) and needs_second_factor(user) and not has_second_factor(user):
            messages.warning(
                request, _("Your account needs a second factor before you can go on. Set one up.")
            )
            return redirect("mfa_index")
        return self.get_response(request)
