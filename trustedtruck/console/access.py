"""Who sees an officers' page: the permission that it names, at the port of its address."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Any, Concatenate
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from lanes.models import Port
from trustedtruck.accounts.can import NotAllowed, check_user_can, check_user_is_officer
from trustedtruck.accounts.models import Agency, User
from trustedtruck.accounts.roles import Permission

OfficerView = Callable[Concatenate[HttpRequest, User, ...], HttpResponseBase]
Page = Callable[..., HttpResponseBase]


def officer_page(
    permission: Permission | None, *, post: Permission | None = None
) -> Callable[..., Page]:
    """A page for officers who hold `permission` (None: for every officer), or `post` for changes.

    Where the address names a port as `code`, the officer must work there, and all times that are
    read and typed are by the port's clock.
    """

    def decorate(view: OfficerView) -> Page:
        @login_required
        @wraps(view)
        def page(request: HttpRequest, **found: Any) -> HttpResponseBase:
            user = request.user
            assert isinstance(user, User)  # noqa: S101 - login_required lets no other through
            needed = post if post and request.method == "POST" else permission
            try:
                if needed is None:
                    check_user_is_officer(user)
                else:
                    check_user_can(user, needed, found.get("code"))
            except NotAllowed as refusal:
                return render(request, "console/refused.html", {"text": refusal.text}, status=403)
            with _clock_of(found.get("code")):
                return view(request, user, **found)

        page.permission, page.post_permission = permission, post  # type: ignore[attr-defined]
        return page

    return decorate


def _clock_of(code: str | None) -> AbstractContextManager[object]:
    """The time zone of the port with this code; UTC where there is none."""
    zone = Port.objects.filter(pk=code).values_list("timezone", flat=True).first() if code else None
    return timezone.override(ZoneInfo(zone)) if zone else nullcontext()


def agency_of(officer: User) -> Agency:
    """For whom an officer acts."""
    agency = officer.agency
    assert agency is not None  # noqa: S101 - the database gives every officer one
    return agency
