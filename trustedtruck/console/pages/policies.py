"""A port's policies: every version, and what each says."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from lanes.models import Policy
from lanes.queries import policy_in_force
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.console.access import officer_page
from trustedtruck.console.pages.base import port_or_404, show


@require_safe
@officer_page(Permission.POLICY_READ)
def policies(request: HttpRequest, officer: User, code: str) -> HttpResponse:
    rows = Policy.objects.filter(port=code).order_by("-version")
    context = {"policies": rows[:100], "in_force": policy_in_force(code).version}
    return show(request, officer, "console/policies.html", context, port=port_or_404(code))


@require_safe
@officer_page(Permission.POLICY_READ)
def policy(request: HttpRequest, officer: User, code: str, version: int) -> HttpResponse:
    found = get_object_or_404(Policy, port=code, version=version)
    context = {
        "policy": found,
        "values": [(name, found.body[name]) for name in sorted(found.body)],
        "in_force": policy_in_force(code).version,
    }
    return show(request, officer, "console/policy.html", context, port=port_or_404(code))
