"""The pages as a portal mounts them: the desk is Norte's, whoever asks."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path

from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier
from trustedtruck.manifests import pages
from trustedtruck.urls import urlpatterns as ours

PORTS = {"2304": "Laredo, World Trade Bridge"}


def at_desk(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, **found: Any) -> HttpResponse:
        carrier = Carrier.objects.get(scac="NRTE")
        actor = Actor("user", "1", "Norma", on_behalf_of=f"carrier:{carrier.pk}")
        return page(request, pages.Desk(carrier, actor, ports=PORTS), **found)

    return view


urlpatterns = [
    path("desk/", at_desk(pages.trips), name="trips"),
    path("desk/new/", at_desk(pages.new), name="trip-new"),
    path("desk/upload/", at_desk(pages.upload), name="trip-upload"),
    path("desk/message/<uuid:public_id>/", at_desk(pages.message), name="trip-message"),
    path("desk/certificate/<uuid:public_id>/", at_desk(pages.certificate), name="certificate"),
    path("desk/<str:trip_number>/", at_desk(pages.trip), name="trip"),
    path("desk/<str:trip_number>/cancel/", at_desk(pages.cancel), name="trip-cancel"),
    path("desk/<str:trip_number>/cover.pdf", at_desk(pages.cover), name="trip-cover"),
    *ours,
]
