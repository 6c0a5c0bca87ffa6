"""Who sees the enrolment pages: enrolment officers write; auditors and supervisors look."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Role
from trustedtruck.enrolment.services.review import user_can_review

READERS = (Role.ENROLMENT_OFFICER, Role.SUPERVISOR, Role.AUDITOR)


OfficerPage = Callable[Concatenate[HttpRequest, User, ...], HttpResponseBase]


def officer_page(view: OfficerPage) -> Callable[..., HttpResponseBase]:
    """A page for officers of enrolment; a POST needs the enrolment officer's role."""

    @login_required
    @wraps(view)
    def page(request: HttpRequest, **found: Any) -> HttpResponseBase:
        user = request.user
        assert isinstance(user, User)  # noqa: S101 - login_required lets no other through
        allowed = user.has_role(*READERS) if request.method == "GET" else user_can_review(user)
        if not allowed:
            raise PermissionDenied
        return view(request, user, **found)

    return page
