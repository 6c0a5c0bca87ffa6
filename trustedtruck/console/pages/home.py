"""The first page of the console, and the page of roles."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import ROLES, Permission, Scope
from trustedtruck.console.pages.base import show
from trustedtruck.console.waiting import waiting


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Where an officer begins: the ports, what waits, and the matters that the roles hold."""
    officer = request.user
    if not isinstance(officer, User) or not officer.is_officer:
        return render(request, "console/no_officer.html", status=403)
    context = {
        "duties": [(role.label, ROLES[role].text) for role in ROLES if role in officer.roles],
        "waiting": waiting(officer),
        "notices": officer.notices.filter(read_at__isnull=True).order_by("-pk")[:5],
    }
    return show(request, officer, "console/home.html", context)


@require_safe
@login_required
def roles(request: HttpRequest) -> HttpResponse:
    """The matrix of roles and permissions, as the code has it."""
    officer = request.user
    if not isinstance(officer, User) or not officer.is_officer:
        return redirect("console:home")
    matrix = [
        (permission.label, [permission in found.permissions for found in ROLES.values()])
        for permission in Permission
    ]
    described = [(role.label, found.text) for role, found in ROLES.items()]
    context = {"matrix": matrix, "described": described, "scopes": list(Scope.choices)}
    return show(request, officer, "console/roles.html", context)
