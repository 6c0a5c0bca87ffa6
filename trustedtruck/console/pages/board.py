"""The live lane board of a port."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lanes import queries
from lanes.queries import board as rows
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.console.access import officer_page
from trustedtruck.console.live.hub import place_now
from trustedtruck.console.live.messages import arrival_body
from trustedtruck.console.pages.base import port_or_404, show

ARRIVALS = 20


@require_safe
@never_cache
@officer_page(Permission.BOARD_READ)
def board(request: HttpRequest, officer: User, code: str) -> HttpResponse:
    """The state of this moment; the page's script keeps it current from `place` on."""
    port = port_or_404(code)
    # The place first: what happens while the rest is read is told again, not left out.
    place = place_now()
    trucks = rows.in_lanes(code)
    lanes = [(lane, trucks.get(lane.code, [])) for lane in queries.lane_board(code)]
    known = {row.id: row for lane_rows in trucks.values() for row in lane_rows}
    newest = rows.newest(code, ARRIVALS)
    known |= {row.id: row for row in newest}
    context = {
        "lanes": lanes,
        "newest": newest,
        "alarms": rows.open_alarms(code),
        "requests": queries.open_requests(code),
        "state": {"place": place, "arrivals": [arrival_body(row) for row in known.values()]},
    }
    return show(request, officer, "console/board.html", context, port=port)
