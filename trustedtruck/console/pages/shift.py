"""The hand-over of a shift: a page to print."""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from lanes import queries
from lanes.models import Arrival
from lanes.queries.board import open_alarms
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.audit.models import Event
from trustedtruck.audit.presenters import sentence
from trustedtruck.console.access import officer_page
from trustedtruck.console.pages.base import port_or_404, show
from trustedtruck.console.reports import shift_numbers

HOURS = (4, 8, 12)
# What machines do all day belongs to the numbers; what people did is told one by one.
PEOPLE = ("user", "agency")


@require_safe
@officer_page(Permission.SHIFT_READ)
def handover(request: HttpRequest, officer: User, code: str) -> HttpResponse:
    """The last hours: numbers, what is open, what people did."""
    port = port_or_404(code)
    asked = request.GET.get("hours", "")
    hours = int(asked) if asked in map(str, HOURS) else 8
    now = timezone.now()
    events = Event.objects.filter(
        port_code=code, at__gte=now - timedelta(hours=hours), actor_kind__in=PEOPLE
    ).exclude(action__startswith="personal_data.")
    context = {
        "hours": hours,
        "choices": HOURS,
        "since": now - timedelta(hours=hours),
        "now": now,
        "numbers": shift_numbers(code, since=now - timedelta(hours=hours)),
        "lanes": queries.lane_board(code),
        "alarms": open_alarms(code),
        "done": _done(list(events.order_by("id")[:200])),
    }
    return show(request, officer, "console/shift.html", context, port=port)


def _done(events: list[Event]) -> list[tuple[datetime, str, str, str]]:
    """When, which truck (its arrival and plate, where it is about one), and the sentence."""
    about = [_arrival_of(event) for event in events]
    rows = Arrival.objects.filter(pk__in={one for one in about if one})
    plates = {
        str(pk): plate or tag
        for pk, plate, tag in rows.values_list("pk", "plate_number", "tag_epc")
    }
    return [
        (event.at, one if one in plates else "", plates.get(one, ""), sentence(event))
        for event, one in zip(events, about, strict=True)
    ]


def _arrival_of(event: Event) -> str:
    found = event.subject_id if event.subject_kind == "arrival" else event.data.get("arrival", "")
    return str(found or "")
