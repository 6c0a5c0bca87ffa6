"""What a key may do: each view names the scope that it needs."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from trustedtruck.accounts.models import MachineKey

if TYPE_CHECKING:
    # REST framework's views import this module through the settings.
    from rest_framework.views import APIView


class HasScope(BasePermission):
    """The request's key holds the view's `scope`. A view without one is closed to everybody."""

    message = _("This key does not have the scope that the request needs.")
    code = "scope_missing"

    def has_permission(self, request: Request, view: "APIView") -> bool:
        scope = getattr(view, "scope", None)
        return isinstance(request.auth, MachineKey) and scope in request.auth.scopes
