"""The manifests' pages, at the desk of a member."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from lanes.models import Port
from trustedtruck.carriers.permissions import check_user_can_edit_fleet
from trustedtruck.manifests import pages
from trustedtruck.portal.access import Check, Member, context_of, member_page

DeskPage = Callable[..., HttpResponse]


def _at_desk(page: DeskPage, *, needs: Check | None = None) -> Callable[..., Any]:
    def view(request: HttpRequest, member: Member, **found: Any) -> HttpResponse:
        desk = pages.Desk(
            carrier=member.carrier,
            actor=member.actor,
            base="portal/base.html",
            names="portal:",
            may_file=member.can["edit_fleet"],
            ports=dict(Port.objects.order_by("name").values_list("code", "name")),
            context=context_of(request, member),
        )
        return page(request, desk, **found)

    view.__name__ = page.__name__
    return member_page(needs=needs)(view)


rows = _at_desk(pages.trips)
one = _at_desk(pages.trip)
new = _at_desk(pages.new, needs=check_user_can_edit_fleet)
upload = _at_desk(pages.upload, needs=check_user_can_edit_fleet)
cancel = _at_desk(pages.cancel, needs=check_user_can_edit_fleet)
cover = _at_desk(pages.cover)
message = _at_desk(pages.message)
certificate = _at_desk(pages.certificate)
