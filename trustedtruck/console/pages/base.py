"""What every page of the console is given."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from lanes.models import Port
from trustedtruck.accounts.can import user_can
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.console.navigation import is_here, menu, port_menu
from trustedtruck.core.page_status import status_of


class Can:
    """What the officer may do, for templates: `can.lane_change`."""

    def __init__(self, officer: User, code: str | None) -> None:
        self._officer, self._code = officer, code

    def __getitem__(self, name: str) -> bool:
        return user_can(self._officer, Permission(name), self._code)


def show(
    request: HttpRequest,
    officer: User,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    port: Port | None = None,
    status: int | None = None,
) -> HttpResponse:
    """Render a page with the officer's menus, ports, permissions and unread notices.

    Without a `status`, the context's forms say it.
    """
    code = port.code if port else None
    ports = ports_of(officer)
    found: dict[str, Any] = {
        "officer": officer,
        "port": port,
        "ports": ports,
        "can": Can(officer, code),
        "menu": menu(request, officer, ports, port),
        "port_menu": port_menu(request, officer, port),
        "unread": officer.notices.filter(read_at__isnull=True).count(),
        "notices_current": is_here(request, "console:notices"),
        **(context or {}),
    }
    return render(request, template, found, status=status or status_of(found))


def ports_of(officer: User) -> list[Port]:
    return list(Port.objects.filter(code__in=officer.ports).order_by("code"))


def port_or_404(code: str) -> Port:
    return get_object_or_404(Port, pk=code)
