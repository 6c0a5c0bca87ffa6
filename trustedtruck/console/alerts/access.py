"""Pages of alerts that are for officers of our own agencies only, whatever roles they hold."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.alerts.queries.visible import is_foreign
from trustedtruck.console.access import OfficerView, Page, officer_page


def own_officer_page(permission: Permission) -> Callable[..., Page]:
    """An `officer_page` that does not exist for whoever works for a partner with its own system:
    nobody accepts the own messages, or reads those of another partner."""

    def decorate(view: OfficerView) -> Page:
        @officer_page(permission)
        @wraps(view)
        def page(request: HttpRequest, officer: User, **found: Any) -> HttpResponseBase:
            if is_foreign(officer):
                raise Http404
            return view(request, officer, **found)

        return page

    return decorate
