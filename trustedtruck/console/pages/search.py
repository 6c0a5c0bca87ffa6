"""One box for everything that has a name or a number."""

import time

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from trustedtruck.accounts.can import user_can
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.audit.views_of_people import note_search
from trustedtruck.console.access import officer_page
from trustedtruck.console.finder import Found, find
from trustedtruck.console.pages.base import show

KINDS = {
    "carrier": _("carrier"),
    "truck": _("truck"),
    "trailer": _("trailer"),
    "driver": _("driver"),
    "trip": _("trip"),
}
_PAGES = {"truck": "console:truck", "driver": "console:driver", "trip": "console:trip"}


@require_safe
@officer_page(Permission.SEARCH)
def search(request: HttpRequest, officer: User) -> HttpResponse:
    query = request.GET.get("q", "").replace("\0", "").strip()
    people = user_can(officer, Permission.PERSON_READ)
    began = time.perf_counter()
    close = "close" in request.GET
    found = find(query, people=people, close=close)
    took = 1000 * (time.perf_counter() - began)
    if any(one.kind == "driver" for one in found):
        note_search(by=officer.actor)
    carriers = user_can(officer, Permission.ENROLMENT_READ)
    context = {
        "query": query,
        "took": took,
        "only_exact": not close and any(one.exact for one in found),
        "results": [(one, KINDS[one.kind], _address(one, carriers)) for one in found],
    }
    return show(request, officer, "console/search.html", context)


def _address(one: Found, carriers: bool) -> str:
    """Where it is shown; empty where the officer has no page for it."""
    if one.kind in _PAGES:
        return reverse(_PAGES[one.kind], args=[one.key])
    return reverse("enrolment:carrier", args=[one.key]) if carriers else ""
