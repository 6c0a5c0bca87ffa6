"""What every page of the console is given."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from lanes.models import Alarm, Port
from trustedtruck.accounts.can import user_can
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission


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
    status: int = 200,
) -> HttpResponse:
    """Render a page with the officer's ports, permissions and open alarms."""
    code = port.code if port else None
    found: dict[str, Any] = {
        "officer": officer,
        "port": port,
        "ports": ports_of(officer),
        "can": Can(officer, code),
        "alarm_count": alarm_count(officer),
        **(context or {}),
    }
    return render(request, template, found, status=status)


def ports_of(officer: User) -> list[Port]:
    return list(Port.objects.filter(code__in=officer.ports).order_by("code"))


def port_or_404(code: str) -> Port:
    return get_object_or_404(Port, pk=code)


def alarm_count(officer: User) -> int:
    """Open alarms at the officer's ports: the console's notifications."""
    if not user_can(officer, Permission.BOARD_READ):
        return 0
    return Alarm.objects.filter(port__in=officer.ports, closed_at__isnull=True).count()
